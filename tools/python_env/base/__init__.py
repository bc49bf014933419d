"""What every stage may use: errors, digests, JSON documents and archive writers."""

"""The wheels of one or several platforms in one archive, which installers read offline."""

import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/** Prints how many members and bytes a zip has: as a stream, whose CRCs are checked, then by its directory. */
class Sizes {
  public static void main(String[] args) throws Exception {
    byte[] buffer = new byte[1 << 20];
    long count = 0, bytes = 0;
    try (ZipInputStream in = new ZipInputStream(new FileInputStream(args[0]))) {
      while (in.getNextEntry() != null) {
        count++;
        for (int read; (read = in.read(buffer)) >= 0; ) {
          bytes += read;
        }
      }
    }
    System.out.println(count + " " + bytes);
    count = bytes = 0;
    try (ZipFile zip = new ZipFile(args[0])) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        count++;
        bytes += entry.getSize();
        try (InputStream in = zip.getInputStream(entry)) {
          if (entry.getSize() < buffer.length && in.readAllBytes().length != entry.getSize()) {
            throw new AssertionError(entry.getName());
          }
        }
      }
    }
    System.out.println(count + " " + bytes);
  }
}

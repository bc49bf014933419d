import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/** Prints name and sha256 of every member of a zip: as a stream, as Hadoop's FileUtil.unZip may get it, then by its directory. */
class Unzip {
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, "UTF-8");
    for (String path : args) {
      try (ZipInputStream in = new ZipInputStream(new BufferedInputStream(new FileInputStream(path)))) {
        for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
          out.println("stream " + entry.getName() + " " + digest(in));
        }
      }
      try (ZipFile zip = new ZipFile(path, StandardCharsets.UTF_8)) {
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
          ZipEntry entry = all.nextElement();
          try (InputStream in = zip.getInputStream(entry)) {
            out.println("directory " + entry.getName() + " " + digest(in));
          }
        }
      }
    }
    out.flush();
  }

  private static String digest(InputStream in) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[8192];
    for (int read; (read = in.read(buffer)) >= 0; ) {
      digest.update(buffer, 0, read);
    }
    StringBuilder text = new StringBuilder();
    for (byte value : digest.digest()) {
      text.append(String.format("%02x", value));
    }
    return text.toString();
  }
}

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPInputStream;

/** Prints the sha256 of a .tar.gz's tar, read as Hadoop's FileUtil.unTar opens it. */
class Untar {
  public static void main(String[] args) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (InputStream in = new BufferedInputStream(new GZIPInputStream(new FileInputStream(args[0])))) {
      byte[] buffer = new byte[8192];
      for (int read; (read = in.read(buffer)) >= 0; ) {
        digest.update(buffer, 0, read);
      }
    }
    for (byte value : digest.digest()) {
      System.out.printf("%02x", value);
    }
  }
}

import java.io.File;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.LocalResourceType;
import org.apache.hadoop.yarn.api.records.LocalResourceVisibility;
import org.apache.hadoop.yarn.api.records.URL;
import org.apache.hadoop.yarn.util.FSDownload;
import org.apache.hadoop.yarn.util.Records;

/** Unpacks archives as a NodeManager (`yarn`) or Spark itself (`spark`) does: one `WAY ARCHIVE FOLDER` per three arguments. */
class Unpack {
  public static void main(String[] args) throws Exception {
    for (int at = 0; at + 2 < args.length; at += 3) {
      File archive = new File(args[at + 1]);
      File folder = new File(args[at + 2]);
      String outcome = "ok";
      try {
        if (args[at].equals("yarn")) {
          localise(archive, folder);
        } else {
          Class<?> utils = Class.forName("org.apache.spark.util.Utils");
          utils.getMethod("unpack", File.class, File.class).invoke(null, archive, folder);
        }
      } catch (Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        outcome = String.valueOf(cause).replaceAll("\\s+", " ");
      }
      System.out.println(args[at] + "\t" + archive + "\t" + folder + "\t" + outcome);
    }
    System.exit(0); // Hadoop's threads linger
  }

  private static void localise(File archive, File folder) throws Exception {
    Configuration conf = new Configuration();
    LocalResource resource = Records.newRecord(LocalResource.class);
    resource.setResource(URL.fromPath(new org.apache.hadoop.fs.Path(archive.toURI())));
    resource.setTimestamp(archive.lastModified());
    resource.setSize(archive.length());
    resource.setType(LocalResourceType.ARCHIVE);
    resource.setVisibility(LocalResourceVisibility.PRIVATE);
    FileContext files = FileContext.getLocalFSFileContext(conf);
    org.apache.hadoop.fs.Path place = new org.apache.hadoop.fs.Path(folder.toURI());
    new FSDownload(files, UserGroupInformation.getCurrentUser(), conf, place, resource).call();
  }
}

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.LocalResourceType;
import org.apache.hadoop.yarn.api.records.LocalResourceVisibility;
import org.apache.hadoop.yarn.api.records.URL;
import org.apache.hadoop.yarn.util.FSDownload;

/**
 * Unpacks archives as a NodeManager does (yarn/NAME) and as Spark's core does (spark/NAME), below the first argument.
 *
 * Prints `yarn NAME` or `spark NAME`, a tab, and `done` or what was thrown. One more line, `yarn changed`: a file whose
 * time is another than the application was told.
 */
class Unpack {
  private static File root;

  public static void main(String[] args) throws Exception {
    root = new File(args[0]);
    for (int i = 1; i < args.length; i++) {
      File source = new File(args[i]);
      report("yarn " + source.getName(), () -> localize(source, source.getName(), 0));
      report("spark " + source.getName(), () -> unpack(source));
    }
    File source = new File(args[1]);
    report("yarn changed", () -> localize(source, "changed", 5000));
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void report(String name, Step step) {
    try {
      step.run();
      System.out.println(name + "\tdone");
    } catch (InvocationTargetException error) {
      System.out.println(name + "\t" + text(error.getCause()));
    } catch (Exception error) {
      System.out.println(name + "\t" + text(error));
    }
  }

  private static String text(Throwable error) {
    while (error.getCause() != null) {
      error = error.getCause();
    }
    return error.toString().replaceAll("\\s+", " ");
  }

  private static void localize(File source, String name, long earlier) throws Exception {
    Configuration conf = new Configuration();
    File place = new File(root, "yarn/" + name);
    Files.createDirectories(place.toPath());
    URL url = URL.fromPath(new Path(source.toURI()));
    LocalResource resource =
        LocalResource.newInstance(
            url, LocalResourceType.ARCHIVE, LocalResourceVisibility.PRIVATE, source.length(),
            source.lastModified() - earlier);
    UserGroupInformation user = UserGroupInformation.getCurrentUser();
    Path target = new Path(place.getPath(), "10");
    new FSDownload(FileContext.getLocalFSFileContext(conf), user, conf, target, resource).call();
  }

  private static void unpack(File source) throws Exception {
    Object utils = Class.forName("org.apache.spark.util.Utils$").getField("MODULE$").get(null);
    Method method = utils.getClass().getMethod("unpack", File.class, File.class);
    File place = new File(root, "spark/" + source.getName());
    Files.createDirectories(place.getParentFile().toPath());
    method.invoke(utils, source, place);
  }
}

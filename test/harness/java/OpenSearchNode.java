import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One node of OpenSearch with all its modules. */
public final class OpenSearchNode {
  /** Settings as `name=value`; `path.data` is where all that the node writes lies. */
  public static void main(String[] settings) throws Exception {
    PrintStream out = System.out; // before the server sends it through its log
    String directory = null;
    for (String setting : settings) {
      if (setting.startsWith("path.data=")) {
        directory = setting.substring("path.data=".length());
      }
    }
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, builder) -> {
      for (String setting : settings) {
        int equals = setting.indexOf('=');
        String name = setting.substring(0, equals);
        if (!name.equals("path.data")) {
          builder.put(name, setting.substring(equals + 1));
        }
      }
    });
    runner.build(OpenSearchRunner.newConfigs().basePath(directory).numOfNode(1).clusterName("spoor-test").useLogger());
    out.println("SPOOR TEST NODE STARTED");
    new CountDownLatch(1).await();
  }
}

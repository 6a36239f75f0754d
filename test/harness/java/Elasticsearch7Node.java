import java.io.PrintStream;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;

/** As ElasticsearchNode, of version 7.17. */
public final class Elasticsearch7Node {
  public static void main(String[] settings) throws Exception {
    PrintStream out = System.out; // before the server sends it through its log
    Path home = Paths.get(System.getProperty("spoor.home"));
    Settings.Builder builder = Settings.builder().put("path.home", home);
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      builder.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    Environment environment = new Environment(builder.build(), home.resolve("config"));
    LogConfigurator.setNodeName("test");
    LogConfigurator.configure(environment);
    new Node(environment).start();
    out.println("SPOOR TEST NODE STARTED");
    new CountDownLatch(1).await();
  }
}

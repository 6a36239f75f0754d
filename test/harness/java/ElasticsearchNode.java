import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** One node of Elasticsearch on the class path, without the security manager and start scripts of a distribution. */
public final class ElasticsearchNode {
  /** Settings as `name=value`; the folder with `config` and `modules` is the property `spoor.home`. */
  public static void main(String[] settings) throws Exception {
    PrintStream out = System.out; // before the server sends it through its log
    Path home = Path.of(System.getProperty("spoor.home"));
    Settings.Builder builder = Settings.builder().put("path.home", home);
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      builder.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    Environment environment = new Environment(builder.build(), home.resolve("config"));
    LogConfigurator.configureESLogging();
    LogConfigurator.setNodeName("test");
    LogConfigurator.configure(environment, true);
    PluginsLoader plugins = PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(environment.modulesDir()),
        PluginsLoader.loadPluginsBundles(environment.pluginsDir()),
        Map.of(),
        false);
    new Node(environment, plugins).start();
    out.println("SPOOR TEST NODE STARTED");
    new CountDownLatch(1).await();
  }
}

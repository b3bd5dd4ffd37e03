package nowrongdoor.testserver;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.packages.IPackageInstallerSvc;
import ca.uhn.fhir.jpa.packages.PackageInstallationSpec;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.interceptor.RequestValidatingInterceptor;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.utilities.npm.NpmPackage;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * HAPI FHIR JPA R4 on 127.0.0.1 for tests. Prints "READY base-url" when it answers.
 *
 * <p>Options: --port N (0 = any free) --db FILE (H2; without it, in memory) --reuse-search-ms N (0 = never)
 * --validate --package TGZ --exit-with-stdin. POST /dump answers with the whole database as text.
 */
public final class HapiServer {
  private int port = 0;
  private String db = "jdbc:h2:mem:fhir;DB_CLOSE_DELAY=-1";
  private long reuseSearchMillis = 60_000;
  private boolean validate = false;
  private boolean exitWithStdin = false;
  private final List<Path> packages = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    new HapiServer(args).run();
  }

  private HapiServer(String[] args) {
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--port" -> port = Integer.parseInt(args[++i]);
        case "--db" -> db = "jdbc:h2:file:" + Path.of(args[++i]).toAbsolutePath();
        case "--reuse-search-ms" -> reuseSearchMillis = Long.parseLong(args[++i]);
        case "--validate" -> validate = true;
        case "--package" -> packages.add(Path.of(args[++i]));
        case "--exit-with-stdin" -> exitWithStdin = true;
        default -> throw new IllegalArgumentException("unknown option " + args[i]);
      }
    }
  }

  private void run() throws Exception {
    AnnotationConfigApplicationContext app = application();
    for (Path file : packages) {
      install(app, file);
    }
    Server jetty = web(app, fhir(app));
    jetty.start();
    Runtime.getRuntime().addShutdownHook(new Thread(app::close));
    int bound = ((ServerConnector) jetty.getConnectors()[0]).getLocalPort();
    System.out.println("READY http://127.0.0.1:" + bound + "/fhir");
    if (exitWithStdin) { // the parent's pipe closes however the parent ends: no orphans
      System.in.transferTo(OutputStream.nullOutputStream());
      System.exit(0);
    }
    jetty.join();
  }

  private AnnotationConfigApplicationContext application() {
    AnnotationConfigApplicationContext app = new AnnotationConfigApplicationContext();
    app.getEnvironment().getPropertySources().addFirst(
        new MapPropertySource("options", Map.of("db", db, "reuse-search-ms", reuseSearchMillis)));
    app.register(HapiConfig.class);
    app.refresh();
    return app;
  }

  private static void install(AnnotationConfigApplicationContext app, Path file) throws IOException {
    byte[] tgz = Files.readAllBytes(file);
    NpmPackage npm = NpmPackage.fromPackage(new ByteArrayInputStream(tgz));
    app.getBean(IPackageInstallerSvc.class).install(new PackageInstallationSpec()
        .setName(npm.name()).setVersion(npm.version()).setPackageContents(tgz)
        .setFetchDependencies(false).setInstallMode(PackageInstallationSpec.InstallModeEnum.STORE_ONLY));
  }

  private RestfulServer fhir(AnnotationConfigApplicationContext app) {
    RestfulServer fhir = new RestfulServer(app.getBean(FhirContext.class));
    fhir.registerProviders(app.getBean(ResourceProviderFactory.class).createProviders());
    fhir.registerProvider(app.getBean(JpaSystemProvider.class));
    fhir.setServerConformanceProvider(new JpaCapabilityStatementProvider(
        fhir, app.getBean(IFhirSystemDao.class), app.getBean(JpaStorageSettings.class),
        app.getBean(ISearchParamRegistry.class), app.getBean(IValidationSupport.class)));
    DatabaseBackedPagingProvider paging = app.getBean(DatabaseBackedPagingProvider.class);
    paging.setDefaultPageSize(20);
    paging.setMaximumPageSize(200);
    fhir.setPagingProvider(paging);
    fhir.setDefaultResponseEncoding(EncodingEnum.JSON);
    if (validate) {
      FhirInstanceValidator rules = app.getBean("myInstanceValidator", FhirInstanceValidator.class);
      rules.setErrorForUnknownProfiles(false); // a profile that no --package brought is a warning, not the writer's fault
      RequestValidatingInterceptor validator = new RequestValidatingInterceptor();
      validator.setFailOnSeverity(ResultSeverityEnum.ERROR);
      validator.addValidatorModule(rules);
      fhir.registerInterceptor(validator);
    }
    return fhir;
  }

  private Server web(AnnotationConfigApplicationContext app, RestfulServer fhir) {
    QueuedThreadPool threads = new QueuedThreadPool(64);
    threads.setDaemon(true);
    Server jetty = new Server(threads);
    ServerConnector http = new ServerConnector(jetty);
    http.setHost("127.0.0.1");
    http.setPort(port);
    jetty.addConnector(http);
    ServletContextHandler root = new ServletContextHandler("/");
    root.addServlet(new ServletHolder(fhir), "/fhir/*");
    root.addServlet(new ServletHolder(new DatabaseText(app.getBean(DataSource.class))), "/dump");
    jetty.setHandler(root);
    return jetty;
  }
}

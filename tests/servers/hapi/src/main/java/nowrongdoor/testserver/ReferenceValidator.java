package nowrongdoor.testserver;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.parser.LenientErrorHandler;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.hl7.fhir.utilities.npm.NpmPackage;

/**
 * HL7's Java validator (R4) with no network: a line of JSON in, a line out, until the input closes.
 *
 * <p>Options: --threads N, and --against NAME=PATH as often as wanted: a package (tgz), a folder or a file of definitions
 * that belong to the set NAME, loaded when first asked for. In: {"id", "against": NAME or "", "profiles": [url], "resource":
 * its JSON as a string}. Out, in the order they are done: {"id", "issues": [{severity, location, messageId, text}]}.
 */
public final class ReferenceValidator {
  private static final Set<String> DEFINITIONS = Set.of("StructureDefinition", "ValueSet", "CodeSystem");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FhirContext fhir = FhirContext.forR4();
  private final DefaultProfileValidationSupport base = new DefaultProfileValidationSupport(fhir);
  private final Map<String, List<Path>> sets = new LinkedHashMap<>(Map.of("", List.of()));
  private final Map<String, FhirValidator> validators = new ConcurrentHashMap<>();
  private int threads = 1;

  public static void main(String[] args) throws Exception {
    new ReferenceValidator(args).run();
  }

  private ReferenceValidator(String[] args) {
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--threads" -> threads = Integer.parseInt(args[++i]);
        case "--against" -> {
          String[] named = args[++i].split("=", 2);
          sets.computeIfAbsent(named[0], name -> new ArrayList<>()).add(Path.of(named[1]));
        }
        default -> throw new IllegalArgumentException("unknown option " + args[i]);
      }
    }
  }

  private void run() throws IOException, InterruptedException {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err); // what libraries print is no answer
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode asked = JSON.readTree(line);
      workers.execute(() -> out.println(answer(asked)));
    }
    workers.shutdown();
    workers.awaitTermination(1, TimeUnit.HOURS);
  }

  private String answer(JsonNode asked) {
    ObjectNode answer = JSON.createObjectNode();
    answer.set("id", asked.get("id"));
    ArrayNode issues = answer.putArray("issues");
    try {
      ValidationOptions options = new ValidationOptions();
      asked.path("profiles").forEach(profile -> options.addProfile(profile.asText()));
      FhirValidator validator = validators.computeIfAbsent(asked.path("against").asText(), this::validator);
      for (SingleValidationMessage m : validator.validateWithResult(asked.path("resource").asText(), options).getMessages()) {
        issues.addObject().put("severity", m.getSeverity().getCode()).put("location", m.getLocationString())
            .put("messageId", m.getMessageId()).put("text", m.getMessage());
      }
    } catch (Exception e) { // it could not be looked at: not JSON, no such set; the reader must see that, not wait
      issues.addObject().put("severity", "fatal").put("text", e.toString());
    }
    return answer.toString();
  }

  private FhirValidator validator(String name) {
    PrePopulatedValidationSupport own = new PrePopulatedValidationSupport(fhir);
    if (!sets.containsKey(name)) {
      throw new IllegalArgumentException("no --against " + name);
    }
    sets.get(name).forEach(path -> load(path, own));
    UnknownCodeSystemWarningValidationSupport strangers = new UnknownCodeSystemWarningValidationSupport(fhir);
    strangers.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
    FhirInstanceValidator module = new FhirInstanceValidator(new ValidationSupportChain(
        own, base, new CommonCodeSystemsTerminologyService(fhir), // own first: they refine the base
        new InMemoryTerminologyServerValidationSupport(fhir), strangers, new SnapshotGeneratingValidationSupport(fhir)));
    module.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    module.setAnyExtensionsAllowed(true);
    module.setValidatorPolicyAdvisor(new ReferenceTypes());
    module.setValidatorResourceFetcher(new NamedOnly());
    module.setErrorForUnknownProfiles(false); // a warning, and the reader counts it as not validated
    return fhir.newValidator().registerValidatorModule(module);
  }

  private void load(Path path, PrePopulatedValidationSupport own) {
    try {
      if (path.toString().endsWith(".tgz")) {
        try (InputStream tgz = Files.newInputStream(path)) {
          NpmPackage npm = NpmPackage.fromPackage(tgz);
          for (String name : npm.listResources(DEFINITIONS)) {
            try (InputStream file = npm.loadResource(name)) {
              add(new String(file.readAllBytes(), StandardCharsets.UTF_8), own);
            }
          }
        }
        return;
      }
      try (Stream<Path> files = Files.walk(path)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
          add(Files.readString(file), own);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(String json, PrePopulatedValidationSupport own) throws IOException {
    if (DEFINITIONS.contains(JSON.readTree(json).path("resourceType").asText())) {
      own.addResource((MetadataResource)
          fhir.newJsonParser().setParserErrorHandler(new LenientErrorHandler(false)).parseResource(json));
    }
  }
}

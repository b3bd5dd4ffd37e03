package nowrongdoor.testserver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.JsonParser;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.validation.instance.InstanceValidator;

/** Each resource is looked at alone: of what it points at ("Patient/1") only the type is known, and that it may be there. */
final class NamedOnly implements IValidatorResourceFetcher {
  private static final Pattern LITERAL = Pattern.compile("([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})");

  @Override
  public Element fetch(IResourceValidator validator, Object context, String url) throws IOException {
    Matcher named = LITERAL.matcher(url);
    if (!named.matches()) {
      return null;
    }
    String resource = "{\"resourceType\": \"%s\", \"id\": \"%s\"}".formatted(named.group(1), named.group(2));
    return new JsonParser(((InstanceValidator) validator).getContext())
        .parse(new ArrayList<>(), org.hl7.fhir.utilities.json.parser.JsonParser.parseObject(resource, true));
  }

  @Override
  public boolean resolveURL(IResourceValidator validator, Object context, String path, String url, String type,
      boolean canonical, List<CanonicalType> targets) {
    return true;
  }

  @Override
  public byte[] fetchRaw(IResourceValidator validator, String url) {
    return null;
  }

  @Override
  public IValidatorResourceFetcher setLocale(Locale locale) {
    return this;
  }

  @Override
  public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object context, String url) {
    return null;
  }

  @Override
  public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
    return false;
  }

  @Override
  public Set<ResourceVersionInformation> fetchCanonicalResourceVersions(
      IResourceValidator validator, Object context, String url) {
    return Set.of();
  }
}

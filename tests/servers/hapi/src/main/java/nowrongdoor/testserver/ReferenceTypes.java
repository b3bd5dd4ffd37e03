package nowrongdoor.testserver;

import org.hl7.fhir.common.hapi.validation.validator.FhirDefaultPolicyAdvisor;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;

/** The library's default looks at no reference at all; this asks whether the type that its text names is allowed. */
final class ReferenceTypes extends FhirDefaultPolicyAdvisor {
  @Override
  public ReferenceValidationPolicy policyForReference(
      IResourceValidator validator, Object context, String path, String url, ReferenceDestinationType type) {
    return ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS;
  }
}

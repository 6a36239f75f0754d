import type { Attribute, AttributeValue, Resource } from './span.ts';

/** What stands for a name that is missing or unusable (CONTRACT §9.2, sanitisers 1 and 2). */
export const MISSING_SERVICE_NAME = 'missing-service-name';
export const WRONG_TYPE_SERVICE_NAME = 'service-name-wrong-type';
export const EMPTY_SERVICE_NAME = 'empty-service-name';
export const EMPTY_SPAN_NAME = 'empty-span-name';

/** The resource attribute that names the service. */
export const SERVICE_NAME_KEY = 'service.name';

export function attributeValue(attributes: readonly Attribute[], key: string): AttributeValue | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value;
}

/** The service of a resource; never empty. Every index and every answer uses this rule. */
export function serviceNameOf(resource: Resource): string {
  const value = attributeValue(resource.attributes, SERVICE_NAME_KEY);
  if (value === undefined) return MISSING_SERVICE_NAME;
  if (typeof value !== 'string') return WRONG_TYPE_SERVICE_NAME;
  return value === '' ? EMPTY_SERVICE_NAME : value;
}

/** The operation of a span; never empty. Every index and every answer uses this rule. */
export function operationNameOf(span: { readonly name: string }): string {
  return span.name === '' ? EMPTY_SPAN_NAME : span.name;
}

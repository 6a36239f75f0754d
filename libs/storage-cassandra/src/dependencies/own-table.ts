/**
 * A table of ours in the peer's keyspace, which a peer never looks at: the calls of a day of each tenant but the default one, whose
 * are in `dependencies_v2`, which has no tenants. Where a peer made the keyspace it is missing until `spoor schema apply` adds it.
 */
export const TENANT_DEPENDENCIES_TABLE = 'spoor_dependencies';

export { claimsFor, type Resource, resourceFor } from './claims.ts';
export { claimTable, type EmtaScope, emtaScopes, scopeClaims, scopesOpening } from './scopes.ts';

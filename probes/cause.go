package probes

// Cause is a stable keyword: the enumerable reason behind a fail, an unknown or a should-level finding.
// Keywords are never renamed and never reused; new ones may be added.
type Cause string

// Causes shared by all areas.
const (
	OK                Cause = "ok"
	NotObserved       Cause = "not_observed"
	Timeout           Cause = "timeout"
	ConnectionRefused Cause = "connection_refused"
	ConnectionReset   Cause = "connection_reset"
	ConnectionClosed  Cause = "connection_closed"
	DNSFailure        Cause = "dns_failure"
	AnswerMalformed   Cause = "answer_malformed" // it breaks the rules of HTTP, or cannot be read as what was asked for
	ServerUnproven    Cause = "server_unproven"  // a connection for a secret did not prove its name; nothing was sent
)

// Causes of the trust area.
const (
	MissingIntermediate      Cause = "missing_intermediate"
	WrongIntermediate        Cause = "wrong_intermediate"
	LeafNotFirst             Cause = "leaf_not_first"
	UnknownIssuer            Cause = "unknown_issuer"
	UntrustedRoot            Cause = "untrusted_root"
	SelfSigned               Cause = "self_signed"
	Expired                  Cause = "expired"
	ExpiredIntermediate      Cause = "expired_intermediate"
	ExpiredRoot              Cause = "expired_root"
	NotYetValid              Cause = "not_yet_valid"
	NotYetValidIntermediate  Cause = "not_yet_valid_intermediate"
	NameMismatch             Cause = "name_mismatch"
	NameMismatchCNOnly       Cause = "name_mismatch_cn_only"
	WildcardMismatch         Cause = "wildcard_mismatch"
	IPSANMissing             Cause = "ip_san_missing"
	DefaultSiteCert          Cause = "default_site_cert"
	NameConstraints          Cause = "name_constraints"
	NameEncoding             Cause = "name_encoding"
	IntermediateNotCA        Cause = "intermediate_not_ca"
	IntermediateEKU          Cause = "intermediate_eku"
	EKUMissing               Cause = "eku_missing"
	PathLength               Cause = "path_length"
	UnknownCriticalExtension Cause = "unknown_critical_extension"
	BadSignature             Cause = "bad_signature"
	BadCertificate           Cause = "bad_certificate"
	AKIMismatch              Cause = "aki_mismatch"
	KeyMismatch              Cause = "key_mismatch"
	WeakKey                  Cause = "weak_key"
	WeakSignature            Cause = "weak_signature"
	Revoked                  Cause = "revoked"
	InconsistentChain        Cause = "inconsistent_chain"
	ChainTooLong             Cause = "chain_too_long"
	TLSTooOld                Cause = "tls_too_old"
	TLSAlert                 Cause = "tls_alert"
	TLSError                 Cause = "tls_error"
	NotTLS                   Cause = "not_tls"
	ClientCertRequired       Cause = "client_cert_required"
	ExtraCerts               Cause = "extra_certs"
	DuplicateCert            Cause = "duplicate_cert"
	WrongOrder               Cause = "wrong_order"
	ContainsAnchor           Cause = "contains_anchor"
	ExpiredExtra             Cause = "expired_extra"
	NearExpiry               Cause = "near_expiry"
	NearExpiryIntermediate   Cause = "near_expiry_intermediate"
	ValidityTooLong          Cause = "validity_too_long"
	LeafIsCA                 Cause = "leaf_is_ca"
	MustStaple               Cause = "must_staple"
	LegacyTLS                Cause = "legacy_tls"
	WeakCipher               Cause = "weak_cipher"
	KeyUsage                 Cause = "key_usage" // the leaf may not sign a handshake: Chrome and Java refuse it
)

// Causes of the network area.
const (
	EdgeRefused       Cause = "edge_refused" // a firewall, WAF or IIS answered, not Halo
	EdgeDropped       Cause = "edge_dropped"
	RefusedFromListed Cause = "refused_from_listed"
	UnrestrictedHere  Cause = "unrestricted_here"
	NoVantage         Cause = "no_vantage"
)

// Causes of the product area.
const (
	NotHalo            Cause = "not_halo"
	HTMLInsteadOfJSON  Cause = "html_instead_of_json"
	BelowSecurityFloor Cause = "below_security_floor"
	VersionTooOld      Cause = "version_too_old"
	NotLatestStable    Cause = "not_latest_stable"
	StableUnknown      Cause = "stable_unknown"
	VersionHidden      Cause = "version_hidden"
	TenantUnknown      Cause = "tenant_unknown"
	TenantMissing      Cause = "tenant_missing"
	TenantNotWanted    Cause = "tenant_not_wanted"
	WrongPath          Cause = "wrong_path"         // HaloPSA answers at the host itself
	HTTPAuthRequired   Cause = "http_auth_required" // Negotiate, NTLM, Basic or Digest before HaloPSA
)

// Causes of the login area.
const (
	NoTrailingSlash      Cause = "no_trailing_slash"
	UnwantedSlash        Cause = "unwanted_slash"
	AuthURLDiffers       Cause = "auth_url_differs"
	TokenEndpointMissing Cause = "token_endpoint_missing"
	NotOAuth             Cause = "not_oauth"
	InvalidClient        Cause = "invalid_client"
	InvalidScope         Cause = "invalid_scope"
	UnauthorizedClient   Cause = "unauthorized_client"
	InvalidRequest       Cause = "invalid_request"
	HTTPSRequired        Cause = "https_required"
	ServerError          Cause = "server_error"
	RateLimited          Cause = "rate_limited"
	SecretMalformed      Cause = "secret_malformed"
	IDMalformed          Cause = "id_malformed"
	LoginTypeNotAgent    Cause = "login_type_not_agent"
	NoAgent              Cause = "no_agent"
	InvalidGrant         Cause = "invalid_grant"
	AccessDenied         Cause = "access_denied"
)

// Causes of the application, role and agent areas.
const (
	ScopeNotGranted     Cause = "scope_not_granted"
	ScopeUnknownName    Cause = "scope_unknown_name"
	NoScopeInToken      Cause = "no_scope_in_token" //nolint:gosec // a keyword, no credential
	OverPrivileged      Cause = "over_privileged"
	ApplicationInactive Cause = "application_inactive"
	LevelTooLow         Cause = "level_too_low"
	PermissionOff       Cause = "permission_off"
	RestrictedTypes     Cause = "restricted_types"
	RestrictedClients   Cause = "restricted_clients"
	ClaimAbsent         Cause = "claim_absent"
	AgentDisabled       Cause = "agent_disabled"
	NotAPIOnly          Cause = "not_api_only"
	TeamNotVisible      Cause = "team_not_visible"
	TeamNotFound        Cause = "team_not_found"
	NameDiffers         Cause = "name_differs"
	HoursDiffer         Cause = "hours_differ"
	ScopeForbidden      Cause = "scope_forbidden"
	NotAdministrator    Cause = "not_administrator"
	IsAdministrator     Cause = "is_administrator"
	IsAPIOnly           Cause = "is_api_only"
	NoDefaultTeam       Cause = "no_default_team"
	NoDepartment        Cause = "no_department"
	RestrictedAssets    Cause = "restricted_assets"
)

package xmlsig

// Namespaces.
const (
	espaceSOAP12 = "http://www.w3.org/2003/05/soap-envelope"
	espaceSOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
	espaceWSSE   = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	espaceWSU    = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	espaceDS     = "http://www.w3.org/2000/09/xmldsig#"
	espaceXAdES  = "http://uri.etsi.org/01903/v1.3.2#"
)

// Identifiers of what is done to a reference.
const (
	// TransformationExclusive is exclusive canonicalisation without comments.
	// ref: XML-EXC-C14N §4
	TransformationExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	// TransformationEnveloppee leaves out the signature that is being verified.
	// ref: XMLDSIG §6.6.4
	TransformationEnveloppee = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	// TypeProprietes is the type of a reference to the XAdES signed properties.
	TypeProprietes = "http://uri.etsi.org/01903#SignedProperties"
)

// Identifiers of the X.509 token profile. ref: WSS X.509 Token Profile 1.1 §3
const (
	typeX509v3 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
	encBase64  = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)

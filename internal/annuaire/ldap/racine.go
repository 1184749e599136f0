package ldap

// racine is the naming context. ref: RASS §10
const racine = "o=annuaire,c=fr"

const nomSousSchema = "cn=subschema"

// decrire answers for the two entries that describe the server, root and schema. It
// says false for any other base.
func (c *connexion) decrire(d *Demande) bool {
	e := c.op.Entree()
	switch {
	case len(d.base) == 0:
		c.racineDSE(e)
	case len(d.base) == 1 && d.base[0].attr == CN && memeCasse(d.base[0].valeur, "subschema"):
		sousSchema(e)
	default:
		return false
	}
	c.op.Rendre()
	return true
}

// racineDSE is the root entry. ref: RFC 4512 §5.1
func (c *connexion) racineDSE(e *Entree) {
	e.Ajouter(ObjectClass, "top")
	e.Ajouter(NamingContexts, racine)
	e.Ajouter(SubschemaSubentry, nomSousSchema)
	e.Ajouter(SupportedLDAPVersion, "3")
	e.Ajouter(SupportedControl, oidPages)
	e.Ajouter(SupportedControl, oidManageDsaIT)
	if c.tls == nil {
		e.Ajouter(SupportedExtension, oidStartTLS)
	}
	e.Ajouter(SupportedExtension, oidQui)
	e.Ajouter(SupportedFeatures, oidToutOp)
	e.Ajouter(SupportedFeatures, oidVraiFaux)
	if c.tls != nil && len(c.tls.ConnectionState().PeerCertificates) > 0 {
		e.Ajouter(SupportedSASLMechanisms, "EXTERNAL")
	}
	e.Ajouter(VendorName, "Écluse")
}

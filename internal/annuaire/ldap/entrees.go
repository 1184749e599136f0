package ldap

import (
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// What each nature of records becomes as an entry. The record was projected first:
// what is empty is not known, or is not for this reader. ref: RASS §10

// personne writes a professional. Without a name, which an entry of a person must
// have, there is none: false. hyp: ANNUAIRE-LDAP-INACTIFS
func (e *Entree) personne(p *annuaire.Praticien) bool {
	if p.Nom == "" {
		return false
	}
	e.Nommer(XFiche, p.ID, unites[0].dn)
	for _, c := range [...]string{"top", "person", "organizationalPerson", "inetOrgPerson", "x-annuairePS"} {
		e.Ajouter(ObjectClass, c)
	}
	e.fiche(&p.Entete, "inetOrgPerson")
	e.Ajouter(UID, p.IDNat)
	if p.TypeID == "8" {
		e.Ajouter(XRPPS, p.Numero)
	}
	e.nomsDePersonne(p)
	e.Ajouter(Title, p.Profession.Libelle)
	e.Ajouter(XProfession, p.Profession.Code)
	e.Ajouter(XCategorie, p.Categorie.Code)
	for i := range p.SavoirFaire {
		e.AjouterSi(XSavoirFaire, p.SavoirFaire[i].Savoir.Libelle)
	}
	for i := range p.SavoirFaire {
		e.AjouterSi(XCodeSavoirFaire, p.SavoirFaire[i].Savoir.Code)
	}
	for i := range p.Exerce {
		e.AjouterSi(L, p.Exerce[i].Commune)
	}
	for i := range p.Exerce {
		e.AjouterSi(PostalCode, p.Exerce[i].CodePostal)
	}
	for i := range p.BAL {
		e.AjouterSi(Mail, p.BAL[i].Adresse)
	}
	for i := range p.Cartes {
		e.AjouterSi(XCarte, p.Cartes[i].Numero)
	}
	e.certificats(p.Certificats)
	return true
}

// nomsComplets gives the name in both orders, since people look for either.
func (e *Entree) nomsComplets(p *annuaire.Praticien) {
	e.Composer(CN, p.Prenom, p.Nom)
	if p.Prenom != "" {
		e.Composer(CN, p.Nom, p.Prenom)
	}
}

func (e *Entree) nomsDeStructure(a Attribut, s *annuaire.Structure) {
	e.Ajouter(a, s.RaisonSociale)
	e.AjouterSi(a, s.Enseigne)
}

func (e *Entree) nomsDePersonne(p *annuaire.Praticien) {
	e.nomsComplets(p)
	e.Ajouter(SN, p.Nom)
	e.Ajouter(GivenName, p.Prenom)
	e.Composer(DisplayName, p.Prenom, p.Nom)
}

// structure writes a structure, which has a name.
func (e *Entree) structure(s *annuaire.Structure) bool {
	if s.RaisonSociale == "" && s.Enseigne == "" {
		return false
	}
	e.Nommer(XFiche, s.ID, unites[1].dn)
	for _, c := range [...]string{"top", "organization", "x-annuaireStructure"} {
		e.Ajouter(ObjectClass, c)
	}
	e.fiche(&s.Entete, "organization")
	e.nomsDeStructure(O, s)
	e.nomsDeStructure(CN, s)
	e.Ajouter(XIDNatStruct, s.IDNat)
	finess := s.FINESS
	if s.Sorte == annuaire.EntiteJuridique {
		finess = s.FINESSJuridique
	}
	e.Ajouter(XFINESS, finess)
	e.Ajouter(XFINESSJuridique, s.FINESSJuridique)
	e.Ajouter(XSIRET, s.SIRET)
	e.Ajouter(XSIREN, s.SIREN)
	e.Ajouter(XSecteur, s.Secteur.Code)
	e.Ajouter(XCategorie, s.Categorie.Code)
	e.Ajouter(Description, s.Secteur.Libelle)
	e.adresse(&s.Adresse)
	e.Ajouter(L, s.Adresse.Commune.Libelle)
	e.Ajouter(PostalCode, s.Adresse.CodePostal)
	for i := range s.BAL {
		e.AjouterSi(Mail, s.BAL[i].Adresse)
	}
	e.certificats(s.Certificats)
	return true
}

// adresse writes the lines of a postal address, parted by dollars. ref: RFC 4517 §3.3.28
func (e *Entree) adresse(a *annuaire.Coordonnees) {
	if !e.besoin.a(PostalAddress) {
		return
	}
	d := len(e.octets)
	ligne := func(mots ...string) {
		debut := true
		for _, m := range mots {
			if m == "" {
				continue
			}
			switch {
			case !debut:
				e.octets = append(e.octets, ' ')
			case len(e.octets) > d:
				e.octets = append(e.octets, '$')
			}
			debut = false
			for i := 0; i < len(m); i++ {
				switch m[i] {
				case '$':
					e.octets = append(e.octets, `\24`...)
				case '\\':
					e.octets = append(e.octets, `\5C`...)
				default:
					e.octets = append(e.octets, m[i])
				}
			}
		}
	}
	ligne(a.Destinataire)
	ligne(a.PointGeographique)
	ligne(a.NumeroVoie, a.Indice, a.TypeVoie.Libelle, a.LibelleVoie)
	ligne(a.Mention)
	if a.BureauCedex != "" {
		ligne(a.BureauCedex)
	} else {
		ligne(a.CodePostal, a.Commune.Libelle)
	}
	ligne(a.Pays.Libelle)
	if len(e.octets) > d {
		e.valeurs = append(e.valeurs, valeur{PostalAddress, uint32(d), uint32(len(e.octets))})
	}
}

// boite writes a mailbox of a record.
func (e *Entree) boite(b *annuaire.BAL, h *annuaire.Entete) {
	e.NommerDouble(Mail, b.Adresse, XPorteur, h.ID, unites[2].dn)
	e.Ajouter(ObjectClass, "top")
	e.Ajouter(ObjectClass, "x-annuaireBAL")
	e.Ajouter(Mail, b.Adresse)
	e.Ajouter(XPorteur, h.ID)
	e.Ajouter(XTypeBAL, string(b.Type))
	e.Ajouter(XDomaine, b.Adresse[strings.LastIndexByte(b.Adresse, '@')+1:])
	e.Ajouter(OU, b.Service)
	e.Ajouter(Description, b.Description)
	e.operations(h, "x-annuaireBAL")
}

// service writes where one service of an insurer is. ref: RASS §11
func (e *Entree) service(a *annuaire.PointAcces, s *annuaire.ServiceAcces) {
	e.NommerDouble(XFiche, a.ID, XService, s.Service, unites[3].dn)
	e.Ajouter(ObjectClass, "top")
	e.Ajouter(ObjectClass, "x-annuaireAMC")
	e.Ajouter(XFiche, a.ID)
	e.Ajouter(XNumeroAMC, a.NumeroAMC)
	e.Ajouter(O, a.Libelle)
	e.Ajouter(XService, s.Service)
	e.Ajouter(XConvention, a.Convention)
	e.Ajouter(XCSR, a.CSR)
	for _, d := range a.Domaines {
		e.AjouterSi(XDomaineAMC, d)
	}
	e.Ajouter(LabeledURI, s.Adresse)
	if s.Du != 0 {
		e.Ajouter(XDu, s.Du.String())
	}
	if s.Au != 0 {
		e.Ajouter(XAu, s.Au.String())
	}
	for _, h := range s.Empreintes {
		e.AjouterSi(XEmpreinte, h)
	}
	e.operations(&a.Entete, "x-annuaireAMC")
}

// fiche writes what persons and structures have of a record.
func (e *Entree) fiche(h *annuaire.Entete, classe string) {
	e.Ajouter(XFiche, h.ID)
	if h.Actif {
		e.Ajouter(XActif, "TRUE")
	} else {
		e.Ajouter(XActif, "FALSE")
	}
	e.operations(h, classe)
}

// operations writes the operational attributes of a record's entry.
func (e *Entree) operations(h *annuaire.Entete, classe string) {
	e.Ajouter(StructuralObjectClass, classe)
	if h.Maj != 0 && e.besoin.a(ModifyTimestamp) {
		d := len(e.octets)
		e.octets = time.UnixMilli(h.Maj).UTC().AppendFormat(e.octets, formeInstant)
		e.valeurs = append(e.valeurs, valeur{ModifyTimestamp, uint32(d), uint32(len(e.octets))})
	}
	e.commun()
}

// certificats are restricted: the projection leaves them to few.
func (e *Entree) certificats(l []annuaire.Certificat) {
	for i := range l {
		e.AjouterOctets(UserCertificate, l[i].DER)
	}
}

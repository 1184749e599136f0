package ressource

import (
	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// bals writes mailboxes, in an array of telecoms already begun.
// ref: MSS §9, as-mailbox-mss
func (e *Ecriture) bals(l []annuaire.BAL) {
	for i := range l {
		e.bal(&l[i])
	}
}

func (e *Ecriture) bal(b *annuaire.BAL) {
	w := e.W
	m := w.Object("")
	a := w.Array("extension")
	w.Raw("", typeMSSante)
	x := w.Object("")
	w.String("url", guide+"as-ext-mailbox-mss-metadata")
	l := w.Array("extension")
	e.extensionConcept("type", TREBAL, annuaire.Code{Code: string(b.Type)})
	e.extension("description", "valueString", b.Description)
	e.extension("responsible", "valueString", b.Responsable)
	e.extension("service", "valueString", b.Service)
	if b.ListeRouge { // who is shown it may know it
		o := w.Object("")
		w.String("url", "listeRouge")
		w.Bool("valueBoolean", true)
		w.End(o)
	}
	vide := w.B[len(w.B)-1] == '['
	w.End(l)
	if w.End(x); vide {
		w.B = w.B[:int(x)>>1]
	}
	w.End(a)
	w.String("system", "email")
	w.String("value", b.Adresse)
	if b.Rang != 0 {
		w.Int("rank", int64(b.Rang))
	}
	w.End(m)
}

var typeMSSante = []byte(`{"url":"` + frCore + `fr-core-contact-point-email-type","valueCoding":{"system":"` + TREMessagerie + `","code":"MSSANTE"}}`)

// telecom writes a means to reach.
func (e *Ecriture) telecom(systeme, valeur string, rang int64) {
	if valeur == "" {
		return
	}
	m := e.W.Object("")
	e.W.String("system", systeme)
	e.W.String("value", valeur)
	if rang != 0 {
		e.W.Int("rank", rang)
	}
	e.W.End(m)
}

// coordonnees writes the telecoms of an address.
func (e *Ecriture) coordonnees(c *annuaire.Coordonnees) {
	e.telecom("phone", c.Telephone, 1)
	e.telecom("phone", c.Telephone2, 2)
	e.telecom("fax", c.Telecopie, 0)
	e.telecom("email", c.Courriel, 0)
}

// adresse writes an Address. ref: RASS §6.3, as-address-extended
func (e *Ecriture) adresse(c *annuaire.Coordonnees, situee bool, latitude, longitude int32) {
	w := e.W
	m := w.Object("")
	a := w.Array("extension")
	if c.Commune.Code != "" {
		x := w.Object("")
		w.String("url", frCore+"fr-core-address-insee-code")
		w.Coding("valueCoding", TRECommune, c.Commune.Code, "")
		w.End(x)
	}
	if situee {
		e.position(latitude, longitude)
	}
	w.End(a)
	e.ligne(c)
	if c.Commune.Libelle != "" {
		w.String("city", c.Commune.Libelle)
	} else {
		w.String("city", c.BureauCedex)
	}
	w.String("district", c.Departement.Code)
	w.String("postalCode", c.CodePostal)
	w.String("country", c.Pays.Code)
	w.End(m)
}

// position writes coordinates on the ground. hyp: FHIR-COORDONNEES
func (e *Ecriture) position(latitude, longitude int32) {
	w := e.W
	m := w.Object("")
	w.String("url", "http://hl7.org/fhir/StructureDefinition/geolocation")
	a := w.Array("extension")
	x := w.Object("")
	w.String("url", "latitude")
	w.Decimal("valueDecimal", int64(latitude))
	w.End(x)
	x = w.Object("")
	w.String("url", "longitude")
	w.Decimal("valueDecimal", int64(longitude))
	w.End(x)
	w.End(a)
	w.End(m)
}

// ligne writes the line of an address and its parts.
func (e *Ecriture) ligne(c *annuaire.Coordonnees) {
	w := e.W
	a := w.Array("line")
	debut := len(w.B)
	for _, s := range [...]string{c.NumeroVoie, c.Indice, c.TypeVoie.Libelle, c.LibelleVoie} {
		e.morceau(s, debut)
	}
	if len(w.B) == debut {
		for _, s := range [...]string{c.Destinataire, c.PointGeographique, c.Mention} {
			e.morceau(s, debut)
		}
	}
	if len(w.B) == debut {
		w.End(a)
		return
	}
	w.B = append(w.B, '"')
	w.End(a)
	a = w.Array("_line")
	m := w.Object("")
	l := w.Array("extension")
	e.extension(adresseXP+"careOf", "valueString", c.Destinataire)
	e.extension(adresseXP+"additionalLocator", "valueString", c.PointGeographique)
	e.extension(adresseXP+"houseNumber", "valueString", c.NumeroVoie)
	e.extension(adresseXP+"buildingNumberSuffix", "valueString", c.Indice)
	e.extension(adresseXP+"streetNameType", "valueString", c.TypeVoie.Code)
	e.extension(adresseXP+"streetNameBase", "valueString", c.LibelleVoie)
	e.extension(adresseXP+"postBox", "valueString", c.Mention)
	w.End(l)
	w.End(m)
	w.End(a)
}

// morceau adds a part to the text of a line, which began at debut and is not closed.
func (e *Ecriture) morceau(s string, debut int) {
	if s == "" {
		return
	}
	w := e.W
	if len(w.B) > debut {
		w.B = append(w.B, ' ')
		w.B = fhir.AppendEscaped(w.B, s)
		return
	}
	w.B = fhir.AppendEscaped(append(w.B, '"'), s)
}

package ressource

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

type contactPoint struct {
	Extension []extension `json:"extension"`
	System    string      `json:"system"`
	Value     string      `json:"value"`
	Rank      uint8       `json:"rank"`
}

// bal tells whether a means to reach is a secure mailbox. ref: MSS §9
func (p *contactPoint) bal() (annuaire.BAL, bool) {
	b, est := annuaire.BAL{Adresse: p.Value, Rang: p.Rank}, false
	for i := range p.Extension {
		switch x := &p.Extension[i]; x.nom() {
		case "fr-core-contact-point-email-type":
			k := x.Coding.code() // examples have both forms
			if k.IsZero() {
				k = x.Concept.premier()
			}
			est = est || k.Code == "MSSANTE"
		case "as-ext-mailbox-mss-metadata":
			est = true
			type_ := x.sous("type")
			b.Type = annuaire.TypeBAL(type_.Concept.premier().Code + type_.Code)
			b.Description, b.Responsable = x.sous("description").String, x.sous("responsible").String
			b.Service, b.ListeRouge = x.sous("service").String, x.sous("listeRouge").Boolean
		}
	}
	return b, est && p.System == "email" && p.Value != ""
}

// joindre shares means to reach between mailboxes and an address.
func joindre(l []contactPoint, c *annuaire.Coordonnees) (bals []annuaire.BAL) {
	for i := range l {
		p := &l[i]
		if b, ok := p.bal(); ok {
			bals = append(bals, b)
			continue
		}
		switch {
		case p.System == "phone" && c.Telephone == "":
			c.Telephone = p.Value
		case p.System == "phone" && c.Telephone2 == "":
			c.Telephone2 = p.Value
		case p.System == "fax" && c.Telecopie == "":
			c.Telecopie = p.Value
		case p.System == "email" && c.Courriel == "":
			c.Courriel = p.Value
		}
	}
	return bals
}

type address struct {
	Extension []extension `json:"extension"`
	Line      []string    `json:"line"`
	Parts     []struct {
		Extension []extension `json:"extension"`
	} `json:"_line"`
	City       string `json:"city"`
	District   string `json:"district"`
	PostalCode string `json:"postalCode"`
	Country    string `json:"country"`
}

// vers fills an address; the position on the ground is given apart.
func (a *address) vers(c *annuaire.Coordonnees) (latitude, longitude int32, situee bool) {
	c.CodePostal, c.Commune.Libelle, c.Departement.Code, c.Pays.Code = a.PostalCode, a.City, a.District, a.Country
	for i := range a.Extension {
		switch x := &a.Extension[i]; x.nom() {
		case "fr-core-address-insee-code":
			c.Commune.Code = x.Coding.Code
		case "geolocation":
			var ok1, ok2 bool
			latitude, ok1 = millioniemes(x.sous("latitude").Decimal, 90)
			longitude, ok2 = millioniemes(x.sous("longitude").Decimal, 180)
			situee = ok1 && ok2
		}
	}
	dites := false
	for i := range a.Parts {
		for k := range a.Parts[i].Extension {
			dites = a.Parts[i].Extension[k].partie(c) || dites
		}
	}
	if !dites { // without its parts, the line is the street
		c.LibelleVoie = strings.Join(a.Line, " ")
	}
	return latitude, longitude, situee
}

// partie puts one part of a line in its place.
func (x *extension) partie(c *annuaire.Coordonnees) bool {
	switch x.nom() {
	case "iso21090-ADXP-careOf":
		c.Destinataire = x.String
	case "iso21090-ADXP-additionalLocator":
		c.PointGeographique = x.String
	case "iso21090-ADXP-houseNumber":
		c.NumeroVoie = x.String
	case "iso21090-ADXP-buildingNumberSuffix":
		c.Indice = x.String
	case "iso21090-ADXP-streetNameType":
		c.TypeVoie.Code = x.String
	case "iso21090-ADXP-streetNameBase":
		c.LibelleVoie = x.String
	case "iso21090-ADXP-postBox":
		c.Mention = x.String
	default:
		return false
	}
	return true
}

// millioniemes reads degrees.
func millioniemes(n json.Number, borne float64) (int32, bool) {
	x, err := strconv.ParseFloat(string(n), 64)
	if err != nil || !(x >= -borne && x <= borne) {
		return 0, false
	}
	if x < 0 {
		return int32(x*1e6 - 0.5), true
	}
	return int32(x*1e6 + 0.5), true
}

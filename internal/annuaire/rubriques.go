package annuaire

import (
	"crypto/x509"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// rubriques are what requests may change, by nature. Identifiers and references are not
// among them: a record that changes them is another record.
var rubriques = [NombreNatures][]Rubrique{
	Praticiens: slices.Concat(vie(Praticiens, Identite), []Rubrique{
		texte("nom", Identite, CheminNom, func(c *Changement) *string { return &c.Praticien.Nom }),
		texte("prenom", Identite, CheminNom, func(c *Changement) *string { return &c.Praticien.Prenom }),
		code("civilite", Identite, CheminNom, 0, func(c *Changement) *Code { return &c.Praticien.Civilite }),
		code("civilite-exercice", Identite, CheminNom, 0, func(c *Changement) *Code { return &c.Praticien.CiviliteExercice }),
		code("profession", Identite, CheminProfession, ListeJ106, func(c *Changement) *Code { return &c.Praticien.Profession }),
		code("categorie", Identite, CheminProfession, ListeJ89, func(c *Changement) *Code { return &c.Praticien.Categorie }),
		inscription("inscription", func(i *Inscription) string { return i.Statut.Code }, func(i *Inscription, v string, e *ecriture) (err error) {
			i.Statut, err = e.code("inscription", ListeJ85, v)
			return err
		}, func(k string) (Inscription, error) {
			return Inscription{Autorite: Code{Code: k}}, texteLisible("inscription", k, 40)
		}),
		inscription("inscription.departement", func(i *Inscription) string { return i.Departement.Code }, func(i *Inscription, v string, e *ecriture) (err error) {
			i.Departement, err = e.code("inscription.departement", ListeJ84, v)
			return err
		}, nil),
		inscription("inscription.premiere", func(i *Inscription) string { return direOui(i.Premiere) }, func(i *Inscription, v string, _ *ecriture) error {
			return ecrireOui("inscription.premiere", &i.Premiere, v)
		}, nil),
		inscription("inscription.du", func(i *Inscription) string { return i.Du.String() }, func(i *Inscription, v string, _ *ecriture) error {
			return ecrireJour("inscription.du", &i.Du, v)
		}, nil),
		inscription("inscription.au", func(i *Inscription) string { return i.Au.String() }, func(i *Inscription, v string, _ *ecriture) error {
			return ecrireJour("inscription.au", &i.Au, v)
		}, nil),
		element("savoir-faire", Qualites, CheminSavoirFaire, func(c *Changement) *[]Qualification { return &c.Praticien.SavoirFaire },
			func(q *Qualification) string { return q.Savoir.Code }, func(q *Qualification) string { return q.Type.Code },
			func(q *Qualification, v string, e *ecriture) (err error) {
				if q.Type, err = e.code("savoir-faire", ListeJ91, v); err == nil {
					q.Savoir, err = e.code("savoir-faire", ListeJ107, q.Savoir.Code)
				}
				return err
			}, func(k string) (Qualification, error) {
				return Qualification{Savoir: Code{Code: k}}, texteLisible("savoir-faire", k, 40)
			}),
		element("diplome", Qualites, CheminDiplome, func(c *Changement) *[]Diplome { return &c.Praticien.Diplomes },
			func(d *Diplome) string { return d.Diplome.Code }, func(d *Diplome) string { return d.Type.Code },
			func(d *Diplome, v string, e *ecriture) (err error) {
				if d.Type, err = e.code("diplome", ListeJ81, v); err == nil {
					d.Diplome, err = e.code("diplome", ListeJ105, d.Diplome.Code)
				}
				return err
			}, func(k string) (Diplome, error) {
				return Diplome{Diplome: Code{Code: k}}, texteLisible("diplome", k, 40)
			}),
	}, adresses("contact", Contact, CheminContact, CheminContact, func(c *Changement) *Coordonnees { return &c.Praticien.Contact }),
		boitesDe(func(c *Changement) *[]BAL { return &c.Praticien.BAL }), cartesDe(),
		certificatsDe(func(c *Changement) *[]Certificat { return &c.Praticien.Certificats })),

	Situations: slices.Concat(vie(Situations, Exercice), []Rubrique{
		code("mode", Exercice, CheminRole, ListeJ95, func(c *Changement) *Code { return &c.Situation.Mode }),
		code("genre", Exercice, CheminRole, ListeJ94, func(c *Changement) *Code { return &c.Situation.Genre }),
		code("fonction", Exercice, CheminRole, ListeJ108, func(c *Changement) *Code { return &c.Situation.Fonction }),
		code("section-pharmacien", Exercice, CheminRole, 0, func(c *Changement) *Code { return &c.Situation.SectionPharmacien }),
		code("type-liberal", Exercice, CheminRole, ListeJ96, func(c *Changement) *Code { return &c.Situation.TypeLiberal }),
		code("statut-ssa", Exercice, CheminRole, ListeJ97, func(c *Changement) *Code { return &c.Situation.StatutSSA }),
		code("statut-hospitalier", Exercice, CheminRole, ListeJ98, func(c *Changement) *Code { return &c.Situation.StatutHospitalier }),
		code("metier-pharmacien", Exercice, CheminRole, ListeJ73, func(c *Changement) *Code { return &c.Situation.MetierPharmacien }),
		code("convention", Exercice, CheminConvention, ListeJ130, func(c *Changement) *Code { return &c.Situation.Convention }),
		parmi("carte-vitale", Exercice, CheminCarteVitale, []string{"O", "N"}, func(c *Changement) *string { return &c.Situation.CarteVitale }),
	}, boitesDe(func(c *Changement) *[]BAL { return &c.Situation.BAL })),

	Structures: slices.Concat(vie(Structures, Lieu), []Rubrique{
		texte("raison-sociale", Lieu, CheminNom, func(c *Changement) *string { return &c.Structure.RaisonSociale }),
		texte("enseigne", Lieu, CheminNom, func(c *Changement) *string { return &c.Structure.Enseigne }),
		code("secteur", Lieu, CheminType, ListeJ101, func(c *Changement) *Code { return &c.Structure.Secteur }),
		code("categorie", Lieu, CheminType, ListeJ129, func(c *Changement) *Code { return &c.Structure.Categorie }),
		code("statut-juridique", Lieu, CheminType, ListeJ100, func(c *Changement) *Code { return &c.Structure.StatutJuridique }),
		code("sph", Lieu, CheminType, ListeJ162, func(c *Changement) *Code { return &c.Structure.SPH }),
		code("fermeture", Lieu, CheminType, 0, func(c *Changement) *Code { return &c.Structure.TypeFermeture }),
		texte("licence", Lieu, CheminLicence, func(c *Changement) *string { return &c.Structure.Licence }),
		element("membre", Lieu, CheminMembre, func(c *Changement) *[]Adhesion { return &c.Structure.Membres },
			func(m *Adhesion) string { return m.ID }, func(m *Adhesion) string { return m.Role.Code },
			func(m *Adhesion, v string, e *ecriture) (err error) { m.Role, err = e.code("membre", 0, v); return err },
			creerMembre),
		position,
	}, adresses("adresse", Lieu, CheminAdresse, CheminTelecom, func(c *Changement) *Coordonnees { return &c.Structure.Adresse }),
		boitesDe(func(c *Changement) *[]BAL { return &c.Structure.BAL }),
		certificatsDe(func(c *Changement) *[]Certificat { return &c.Structure.Certificats })),

	Activites: slices.Concat(vie(Activites, Lieu), []Rubrique{
		nombre("installees", Lieu, CheminCapacite, func(c *Changement) *int32 { return &c.Activite.Installees }),
		nombre("autorisees", Lieu, CheminCapacite, func(c *Changement) *int32 { return &c.Activite.Autorisees }),
	}),

	Equipements: slices.Concat(vie(Equipements, Lieu), []Rubrique{
		texte("fabricant", Lieu, CheminEquipement, func(c *Changement) *string { return &c.Equipement.Fabricant }),
		texte("modele", Lieu, CheminEquipement, func(c *Changement) *string { return &c.Equipement.Modele }),
		texte("serie", Lieu, CheminEquipement, func(c *Changement) *string { return &c.Equipement.Serie }),
		parmi("statut", Lieu, CheminEquipement, []string{"active", "inactive"}, func(c *Changement) *string { return &c.Equipement.Statut }),
	}),

	Acces: slices.Concat(vie(Acces, Raccordement), []Rubrique{
		texte("libelle", Raccordement, CheminAcces, func(c *Changement) *string { return &c.Acces.Libelle }),
		nombre("validite", Raccordement, CheminAcces, func(c *Changement) *int32 { return &c.Acces.Validite }),
		service("service", func(s *ServiceAcces) string { return s.Adresse }, func(s *ServiceAcces, v string, _ *ecriture) error {
			s.Adresse = v
			if u, err := url.Parse(v); err != nil || u.Host == "" || u.Scheme != "https" || u.User != nil {
				return invalide("service", "une adresse https")
			}
			return texteLisible("service", v, 2048)
		}, func(k string) (ServiceAcces, error) { return ServiceAcces{Service: k}, texteLisible("service", k, 40) }),
		service("service.du", func(s *ServiceAcces) string { return s.Du.String() }, func(s *ServiceAcces, v string, _ *ecriture) error {
			return ecrireJour("service.du", &s.Du, v)
		}, nil),
		service("service.au", func(s *ServiceAcces) string { return s.Au.String() }, func(s *ServiceAcces, v string, _ *ecriture) error {
			return ecrireJour("service.au", &s.Au, v)
		}, nil),
	}),
}

// vie are the fields of the life of a record: a striking-off, an end, a closing.
func vie(n Nature, g Groupe) []Rubrique {
	entete := func(c *Changement) *Entete { _, e := c.Entete(); return e }
	return []Rubrique{
		ouiNon("actif", g, CheminActif, func(c *Changement) *bool { return &entete(c).Actif }),
		jour("du", g, CheminPeriode, func(c *Changement) *sante.Jour { return &entete(c).Du }),
		jour("au", g, CheminPeriode, func(c *Changement) *sante.Jour { return &entete(c).Au }),
	}
}

// adresses are the fields of an address and of the means to reach.
func adresses(prefixe string, g Groupe, postal, telecom Chemin, f func(*Changement) *Coordonnees) []Rubrique {
	t := func(nom string, ch Chemin, champ func(*Coordonnees) *string) Rubrique {
		return texte(prefixe+"."+nom, g, ch, func(c *Changement) *string { return champ(f(c)) })
	}
	k := func(nom string, l Liste, champ func(*Coordonnees) *Code) Rubrique {
		return code(prefixe+"."+nom, g, postal, l, func(c *Changement) *Code { return champ(f(c)) })
	}
	return []Rubrique{
		t("destinataire", postal, func(c *Coordonnees) *string { return &c.Destinataire }),
		t("point-geographique", postal, func(c *Coordonnees) *string { return &c.PointGeographique }),
		t("numero-voie", postal, func(c *Coordonnees) *string { return &c.NumeroVoie }),
		t("indice", postal, func(c *Coordonnees) *string { return &c.Indice }),
		k("type-voie", ListeJ103, func(c *Coordonnees) *Code { return &c.TypeVoie }),
		t("voie", postal, func(c *Coordonnees) *string { return &c.LibelleVoie }),
		t("mention", postal, func(c *Coordonnees) *string { return &c.Mention }),
		t("bureau-cedex", postal, func(c *Coordonnees) *string { return &c.BureauCedex }),
		t("code-postal", postal, func(c *Coordonnees) *string { return &c.CodePostal }),
		k("commune", 0, func(c *Coordonnees) *Code { return &c.Commune }),
		t("commune.libelle", postal, func(c *Coordonnees) *string { return &c.Commune.Libelle }),
		k("pays", ListeJ256, func(c *Coordonnees) *Code { return &c.Pays }),
		k("departement", ListeJ258, func(c *Coordonnees) *Code { return &c.Departement }),
		t("telephone", telecom, func(c *Coordonnees) *string { return &c.Telephone }),
		t("telephone-2", telecom, func(c *Coordonnees) *string { return &c.Telephone2 }),
		t("telecopie", telecom, func(c *Coordonnees) *string { return &c.Telecopie }),
		t("courriel", telecom, func(c *Coordonnees) *string { return &c.Courriel }),
	}
}

// boitesDe are the fields of mailboxes, by their address.
func boitesDe(l func(*Changement) *[]BAL) []Rubrique {
	b := func(nom string, ch Chemin, lire func(*BAL) string, ecrire func(*BAL, string) error, creer func(string) (BAL, error)) Rubrique {
		return element(nom, Messagerie, ch, l, func(b *BAL) string { return b.Adresse }, lire,
			func(b *BAL, v string, _ *ecriture) error { return ecrire(b, v) }, creer)
	}
	t := func(nom string, ch Chemin, f func(*BAL) *string) Rubrique {
		return b(nom, ch, func(x *BAL) string { return *f(x) }, func(x *BAL, v string) error { *f(x) = v; return texteLisible(nom, v, texteMax) }, nil)
	}
	return []Rubrique{
		b("bal", CheminBAL, func(b *BAL) string { return string(b.Type) }, func(b *BAL, v string) error {
			b.Type = TypeBAL(v)
			if !slices.Contains([]TypeBAL{BALPersonnelle, BALOrganisation, BALApplicative, BALCabinet}, b.Type) {
				return invalide("bal", "un type PER, ORG, APP ou CAB")
			}
			return nil
		}, func(k string) (BAL, error) {
			i := strings.LastIndexByte(k, '@')
			if i <= 0 || !domaineLisible(k[i+1:]) || len(k) > clesMax {
				return BAL{}, invalide("bal", "une adresse de messagerie")
			}
			return BAL{Adresse: k}, texteLisible("bal", k, clesMax)
		}),
		b("bal.liste-rouge", CheminListeRouge, func(b *BAL) string { return direOui(b.ListeRouge) },
			func(b *BAL, v string) error { return ecrireOui("bal.liste-rouge", &b.ListeRouge, v) }, nil),
		b("bal.rang", CheminBAL, func(b *BAL) string { return strconv.Itoa(int(b.Rang)) }, func(b *BAL, v string) error {
			n, err := strconv.ParseUint(v, 10, 8)
			if err != nil {
				return invalide("bal.rang", "un nombre de 0 à 255")
			}
			b.Rang = uint8(n)
			return nil
		}, nil),
		t("bal.description", CheminBAL, func(b *BAL) *string { return &b.Description }),
		t("bal.service", CheminBAL, func(b *BAL) *string { return &b.Service }),
		t("bal.responsable", CheminResponsable, func(b *BAL) *string { return &b.Responsable }),
		t("bal.dematerialise", CheminBAL, func(b *BAL) *string { return &b.Dematerialise }),
	}
}

// cartesDe are the fields of cards, by their number.
func cartesDe() []Rubrique {
	k := func(nom string, ch Chemin, lire func(*Carte) string, ecrire func(*Carte, string, *ecriture) error, creer func(string) (Carte, error)) Rubrique {
		return element(nom, Cartes, ch, func(c *Changement) *[]Carte { return &c.Praticien.Cartes }, func(k *Carte) string { return k.Numero }, lire, ecrire, creer)
	}
	j := func(nom string, ch Chemin, f func(*Carte) *sante.Jour) Rubrique {
		return k(nom, ch, func(k *Carte) string { return f(k).String() }, func(k *Carte, v string, _ *ecriture) error { return ecrireJour(nom, f(k), v) }, nil)
	}
	return []Rubrique{
		k("carte", CheminCarte, func(k *Carte) string { return k.Type.Code }, func(k *Carte, v string, e *ecriture) (err error) {
			k.Type, err = e.code("carte", ListeJ128, v)
			return err
		}, func(n string) (Carte, error) { return Carte{Numero: n}, texteLisible("carte", n, 40) }),
		j("carte.du", CheminCarte, func(k *Carte) *sante.Jour { return &k.Du }),
		j("carte.au", CheminCarte, func(k *Carte) *sante.Jour { return &k.Au }),
		j("carte.opposition", CheminOpposition, func(k *Carte) *sante.Jour { return &k.OpposeeLe }),
	}
}

// certificatMax bounds a certificate in base 64.
const certificatMax = 24 << 10

// certificatsDe are certificates, by their serial; the value is the certificate itself.
func certificatsDe(l func(*Changement) *[]Certificat) []Rubrique {
	return []Rubrique{element("certificat", Cartes, CheminCertificat, l, func(k *Certificat) string { return k.Serie },
		func(k *Certificat) string { return base64.StdEncoding.EncodeToString(k.DER) },
		func(k *Certificat, v string, _ *ecriture) error {
			if len(v) > certificatMax {
				return invalide("certificat", "un certificat de moins de 24 Kio")
			}
			der, err := base64.StdEncoding.DecodeString(v)
			if err != nil {
				return invalide("certificat", "un certificat DER en base 64")
			}
			x, err := x509.ParseCertificate(der)
			if err != nil || !strings.EqualFold(x.SerialNumber.Text(16), k.Serie) {
				return invalide("certificat", "un certificat dont le numéro de série est la clé, en hexadécimal")
			}
			k.Emetteur, k.Sujet, k.DER = x.Issuer.String(), x.Subject.String(), der
			k.Du, k.Au = sante.JourA(x.NotBefore, sante.Paris()), sante.JourA(x.NotAfter, sante.Paris())
			return nil
		}, func(s string) (Certificat, error) { return Certificat{Serie: s}, texteLisible("certificat", s, 80) })}
}

func inscription(nom string, lire func(*Inscription) string, ecrire func(*Inscription, string, *ecriture) error, creer func(string) (Inscription, error)) Rubrique {
	return element(nom, Identite, CheminInscription, func(c *Changement) *[]Inscription { return &c.Praticien.Inscriptions },
		func(i *Inscription) string { return i.Autorite.Code }, lire, ecrire, creer)
}

func service(nom string, lire func(*ServiceAcces) string, ecrire func(*ServiceAcces, string, *ecriture) error, creer func(string) (ServiceAcces, error)) Rubrique {
	return element(nom, Raccordement, CheminAcces, func(c *Changement) *[]ServiceAcces { return &c.Acces.Services },
		func(s *ServiceAcces) string { return s.Service }, lire, ecrire, creer)
}

// creerMembre reads the nature of a member in its ID, whose first letter says it.
func creerMembre(id string) (Adhesion, error) {
	switch {
	case strings.HasPrefix(id, "p"):
		return Adhesion{Nature: Praticiens, ID: id}, texteLisible("membre", id, 40)
	case strings.HasPrefix(id, "o"):
		return Adhesion{Nature: Structures, ID: id}, texteLisible("membre", id, 40)
	}
	return Adhesion{}, invalide("membre", "l'identifiant d'un praticien ou d'une structure")
}

// position is "47.586000,1.335000", or nothing.
var position = Rubrique{Nom: "position", Groupe: Localisation, Chemin: CheminPosition,
	lire: func(c *Changement, _ string) string {
		if !c.Structure.Situee {
			return ""
		}
		return degres(c.Structure.Latitude) + "," + degres(c.Structure.Longitude)
	},
	ecrire: func(c *Changement, _, v string, _ *ecriture) error {
		s := c.Structure
		if v == "" {
			s.Latitude, s.Longitude, s.Situee = 0, 0, false
			return nil
		}
		lat, lon, ok := strings.Cut(v, ",")
		a, err1 := strconv.ParseFloat(lat, 64)
		o, err2 := strconv.ParseFloat(lon, 64)
		if !ok || err1 != nil || err2 != nil || !(a >= -90 && a <= 90) || !(o >= -180 && o <= 180) {
			return invalide("position", "une latitude et une longitude en degrés, comme 47.586,1.335")
		}
		s.Latitude, s.Longitude, s.Situee = millioniemes(a), millioniemes(o), true
		return nil
	}}

func degres(n int32) string { return strconv.FormatFloat(float64(n)/1e6, 'f', 6, 64) }

func millioniemes(d float64) int32 {
	if d < 0 {
		return -int32(-d*1e6 + 0.5)
	}
	return int32(d*1e6 + 0.5)
}

package charger

import (
	"iter"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// bal makes a mailbox of a line of the file.
func bal(x []string) annuaire.BAL {
	return annuaire.BAL{Adresse: x[rass.MSAdresse], Type: annuaire.TypeBAL(x[rass.MSTypeBAL]), Service: x[rass.MSService],
		Dematerialise: x[rass.MSDematerialisation]}
}

// retirerBAL takes an address away.
func retirerBAL(l []annuaire.BAL, adresse string) []annuaire.BAL {
	return slices.DeleteFunc(l, func(b annuaire.BAL) bool { return strings.EqualFold(b.Adresse, adresse) })
}

// ajouterBAL adds a mailbox, or replaces the one of its address; what no file says of
// it (rank, red list) is kept. double is one that came twice.
func ajouterBAL(l []annuaire.BAL, b annuaire.BAL, differences bool) (_ []annuaire.BAL, double bool) {
	for i := range l {
		if strings.EqualFold(l[i].Adresse, b.Adresse) {
			if !differences {
				return l, true
			}
			b.ListeRouge, b.Rang, b.Description, b.Responsable = l[i].ListeRouge, l[i].Rang, l[i].Description, l[i].Responsable
			l[i] = b
			return l, false
		}
	}
	return append(l, b), false
}

// balStructure gives a mailbox to a structure. One that no other feed knows is made of
// what the line says of it. hyp: CHARGER-BAL-STRUCTURE
func (w *ouvrier) balStructure(n *annuaire.Structure, m *morceau, connue bool) {
	w.ch = couper(w.ch[:0], m.texte(w.texte))
	x := w.ch[1:]
	if m.op == byte(rass.Retrait) {
		n.BAL = retirerBAL(n.BAL, x[rass.MSAdresse])
		return
	}
	if !connue && n.Trace.Systeme == "" {
		w.direMSS(n, x)
	}
	var double bool
	if n.BAL, double = ajouterBAL(n.BAL, bal(x), m.op != 0); double {
		w.compte.fiche(annuaire.DBALDouble, annuaire.Structures, n.ID, "", "adresse", x[rass.MSAdresse])
	}
}

func (w *ouvrier) direMSS(n *annuaire.Structure, x []string) {
	n.RaisonSociale, n.Enseigne, n.Sorte = x[rass.MSRaisonSociale], x[rass.MSEnseigne], annuaire.SiteGeographique
	n.Actif, n.Trace.Systeme = true, systemeMSS
	numero := x[rass.MSStructure]
	switch cle := string(appendCleParType(nil, x[rass.MSTypeStructure], numero)); {
	case strings.HasPrefix(cle, "F"):
		n.FINESS = cle[1:]
	case strings.HasPrefix(cle, "C"):
		n.SIRET = cle[1:]
	case strings.HasPrefix(cle, "S"):
		n.SIREN = cle[1:]
	default:
		n.IDTechnique = numero
	}
	cp, commune := x[rass.MSCodePostal], x[rass.MSAcheminement]
	commune = strings.TrimSpace(strings.TrimPrefix(commune, cp))
	n.Adresse = annuaire.Coordonnees{PointGeographique: x[rass.MSComplementLocalisation], Destinataire: x[rass.MSComplementDistribution],
		NumeroVoie: x[rass.MSNumeroVoie], Indice: x[rass.MSIndiceVoie], TypeVoie: annuaire.Code{Libelle: x[rass.MSTypeVoie]},
		LibelleVoie: x[rass.MSLibelleVoie], Mention: x[rass.MSLieuDit], CodePostal: cp, Commune: annuaire.Code{Libelle: commune},
		Departement: annuaire.Code{Libelle: x[rass.MSDepartement]}, Pays: annuaire.Code{Libelle: x[rass.MSPays]}}
}

// certificat adds or takes away a certificate.
func (w *ouvrier) certificat(l []annuaire.Certificat, n annuaire.Nature, id string, x []string, op byte) []annuaire.Certificat {
	c := annuaire.Certificat{Serie: x[rass.CESerie], Emetteur: x[rass.CEEmetteur], Sujet: x[rass.CESujet],
		Domaine: x[rass.CEDomaine], Usage: x[rass.CEUsage]}
	c.Du = w.jourDe(n, id, "certificat.debut", x[rass.CEDebut])
	c.Au = w.jourDe(n, id, "certificat.fin", x[rass.CEFin])
	if r := w.jourDe(n, id, "certificat.revocation", x[rass.CERevocation]); r != 0 && (c.Au == 0 || r < c.Au) {
		c.Au = r
	}
	c.DER = derDe(x[rass.CEDER])
	i := slices.IndexFunc(l, func(y annuaire.Certificat) bool { return y.Serie == c.Serie && y.Emetteur == c.Emetteur })
	switch {
	case op == byte(rass.Retrait) && i >= 0:
		return slices.Delete(l, i, i+1)
	case op == byte(rass.Retrait):
	case i >= 0 && op == 0:
		w.compte.fiche(annuaire.DDoublon, n, id, "", "certificat", c.Serie)
	case i >= 0:
		l[i] = c
	default:
		l = append(l, c)
	}
	return l
}

// adhesionAttendue is a member whose record is not made yet.
type adhesionAttendue struct {
	idNat string
	a     annuaire.Adhesion
	op    byte
}

// reseauAttendu is a network that waits for its members.
type reseauAttendu struct {
	n, o     annuaire.Structure
	existe   bool
	attendus []adhesionAttendue
}

// membre adds or takes away a membership: at once for a structure.
func (w *ouvrier) membre(n *annuaire.Structure, m *morceau, l []adhesionAttendue) []adhesionAttendue {
	w.ch = couper(w.ch[:0], m.texte(w.texte))
	x := w.ch[3:]
	a := annuaire.Adhesion{Nature: annuaire.Structures, ID: w.ch[2], Role: code(x, int(rass.MECodeRole)),
		Du: w.jourDe(annuaire.Structures, n.ID, "membre.entree", x[rass.MEEntree]),
		Au: w.jourDe(annuaire.Structures, n.ID, "membre.sortie", x[rass.MESortie])}
	if w.ch[1] == "P" {
		a.Nature, a.ID = annuaire.Praticiens, ""
		return append(l, adhesionAttendue{idNat: strings.Clone(w.ch[2]), a: clonerAdhesion(a), op: m.op})
	}
	n.Membres = adherer(n.Membres, a, m.op)
	return l
}

func clonerAdhesion(a annuaire.Adhesion) annuaire.Adhesion {
	a.Role = annuaire.Code{Code: strings.Clone(a.Role.Code), Libelle: strings.Clone(a.Role.Libelle)}
	return a
}

// adherer adds a membership, or ends it.
func adherer(l []annuaire.Adhesion, a annuaire.Adhesion, op byte) []annuaire.Adhesion {
	i := slices.IndexFunc(l, func(x annuaire.Adhesion) bool { return x.ID == a.ID && x.Role.Code == a.Role.Code && x.Du == a.Du })
	switch {
	case op == byte(rass.Retrait) && i >= 0:
		return slices.Delete(l, i, i+1)
	case op == byte(rass.Retrait):
		return l
	case i >= 0:
		l[i] = a
		return l
	}
	return append(l, a)
}

// attendre keeps a network aside until its members are known.
func (w *ouvrier) attendre(f *ficheST, l []adhesionAttendue) {
	r := &reseauAttendu{existe: f.existe, attendus: l}
	r.n = cloner(&annuaire.Changement{Structure: &f.n})
	if f.existe {
		r.o = cloner(&annuaire.Changement{Structure: &f.o})
	}
	w.muMembres.Lock()
	defer w.muMembres.Unlock()
	w.reseaux = append(w.reseaux, r)
}

// cloner makes a record that aliases nothing.
func cloner(k *annuaire.Changement) annuaire.Structure {
	c, err := image.Decoder(image.Encoder(nil, k))
	if err != nil || c.Structure == nil {
		return *k.Structure
	}
	return *c.Structure
}

// lierReseaux gives networks the members that were waited for.
func (w *ouvrier) lierReseaux() error {
	slices.SortFunc(w.reseaux, func(x, y *reseauAttendu) int { return strings.Compare(x.n.ID, y.n.ID) })
	for _, r := range w.reseaux {
		for _, m := range r.attendus {
			ids := w.membres[hacher(m.idNat)]
			if len(ids) == 0 {
				ids = w.praticiensDe(m.idNat)
			}
			if len(ids) == 0 {
				w.compte.fiche(annuaire.DRefOrpheline, annuaire.Structures, r.n.ID, "", "membre", m.idNat)
				continue
			}
			m.a.ID = slices.Min(ids)
			r.n.Membres = adherer(r.n.Membres, m.a, m.op)
		}
		slices.SortFunc(r.n.Membres, parMembre)
		if err := w.rendreStructure(&r.n, &ficheST{o: r.o, existe: r.existe}); err != nil {
			return err
		}
	}
	return nil
}

// praticiensDe finds in what stands the records of a person.
func (a *atelier) praticiensDe(idNat string) (ids []string) {
	for r := range a.parIdentifiant(idNat) {
		ids = append(ids, strings.Clone(a.vue.ID(r)))
	}
	return ids
}

// parIdentifiant are the professionals that stand under a national number.
func (a *atelier) parIdentifiant(idNat string) iter.Seq[image.Ref] {
	return a.chercher(annuaire.Praticiens, annuaire.ParIdentifiant, idNat)
}

// parReference are the records that refer to another.
func (a *atelier) parReference(n annuaire.Nature, c annuaire.Champ, id string) iter.Seq[image.Ref] {
	return a.chercher(n, c, id)
}

func (a *atelier) chercher(n annuaire.Nature, c annuaire.Champ, valeur string) iter.Seq[image.Ref] {
	return func(un func(image.Ref) bool) {
		if a.vue == nil {
			return
		}
		q := annuaire.Question{Nature: n, Nombre: 1000, Critere: &annuaire.Critere{Op: annuaire.Egal, Champ: c, Valeur: valeur}}
		for {
			p, err := a.vue.Chercher(&q)
			if err != nil {
				return // these fields are keys of their natures: no question on them is refused
			}
			for _, r := range p.Refs {
				if !un(r) {
					return
				}
			}
			if p.Suivant == nil {
				return
			}
			q.Curseur = p.Suivant
		}
	}
}

// orphelines counts the pieces of a structure that nobody knows.
func (w *ouvrier) orphelines(l []morceau) {
	for i := range l {
		switch m := &l[i]; m.quoi {
		case sCertificat, sMembre, sBAL:
			if m.op != byte(rass.Retrait) {
				w.compte.fiche(annuaire.DRefOrpheline, annuaire.Structures, cleDe(m.texte(w.texte)), "", "structure", "")
			}
		}
	}
}

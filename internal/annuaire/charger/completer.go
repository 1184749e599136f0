package charger

import (
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
)

// completer adds to a person's records what another file says of them.
func (w *ouvrier) completer(m *morceau) {
	switch m.quoi {
	case pSavoir, pDiplome, pBAL, pCarte, pCertificat, pRestreint:
	default:
		return
	}
	w.ch = couper(w.ch[:0], m.texte(w.texte))
	x := w.ch[1:]
	switch m.quoi {
	case pSavoir:
		w.savoir(x, m.op)
	case pDiplome:
		w.diplome(x, m.op)
	case pBAL:
		w.balPersonne(w.ch[1], w.ch[2:], m.op)
	case pCarte:
		w.carte(x, m.op)
	case pCertificat:
		f := &w.ps[w.premier()]
		f.n.Certificats = w.certificat(f.n.Certificats, annuaire.Praticiens, f.n.ID, x, m.op)
	case pRestreint:
		w.restreint(x, m.op)
	}
}

// premier is the record of a person to which goes what names no profession: the first
// that is in force.
func (w *ouvrier) premier() int {
	if i := slices.IndexFunc(w.ps, func(f ficheP) bool { return f.n.Actif }); i >= 0 {
		return i
	}
	return 0
}

// exercice finds the record of a person in a profession, when a line may leave the
// category, or both, unsaid.
func (w *ouvrier) exercice(profession, categorie string) int {
	if profession == "" {
		return w.premier()
	}
	if i := w.deProfession(profession, categorie); i >= 0 {
		return i
	}
	if categorie != "" {
		return -1
	}
	return slices.IndexFunc(w.ps, func(f ficheP) bool { return f.n.Profession.Code == profession })
}

// poser adds a value to a list, or takes it away. double is one that came twice.
func poser[T comparable](l []T, x T, op byte) (_ []T, double bool) {
	i := slices.Index(l, x)
	switch {
	case op == byte(rass.Retrait) && i >= 0:
		return slices.Delete(l, i, i+1), false
	case op == byte(rass.Retrait):
		return l, false
	case i >= 0:
		return l, op == 0
	}
	return append(l, x), false
}

func (w *ouvrier) orphelin(op byte, x []string, quoi string) {
	if op != byte(rass.Retrait) {
		w.compte.fiche(annuaire.DRefOrpheline, annuaire.Praticiens, "", "", quoi, x[rass.SFIDNat])
	}
}

func (w *ouvrier) doublon(f *ficheP, quoi string) {
	w.compte.fiche(annuaire.DDoublon, annuaire.Praticiens, f.n.ID, f.n.Trace.Autorite.Code, quoi, "")
}

func (w *ouvrier) savoir(x []string, op byte) {
	i := w.exercice(x[rass.SFCodeProfession], x[rass.SFCodeCategorie])
	if i < 0 {
		w.orphelin(op, x, "profession du savoir-faire")
		return
	}
	q := annuaire.Qualification{Type: code(x, int(rass.SFCodeTypeSavoirFaire)), Savoir: code(x, int(rass.SFCodeSavoirFaire))}
	f := &w.ps[i]
	var double bool
	if f.n.SavoirFaire, double = poser(f.n.SavoirFaire, q, op); double {
		w.doublon(f, "savoir-faire")
	}
}

// diplome gives a diploma to all the professions of a person: the file names none.
func (w *ouvrier) diplome(x []string, op byte) {
	d := annuaire.Diplome{Type: code(x, int(rass.DACodeTypeDiplome)), Diplome: code(x, int(rass.DACodeDiplome)),
		TypeAutorisation: code(x, int(rass.DACodeTypeAutorisation)), Discipline: code(x, int(rass.DACodeDiscipline))}
	for i := range w.ps {
		f := &w.ps[i]
		var double bool
		if f.n.Diplomes, double = poser(f.n.Diplomes, d, op); double && i == 0 {
			w.doublon(f, "diplôme")
		}
	}
}

func (w *ouvrier) carte(x []string, op byte) {
	i := w.exercice(x[rass.POCodeProfession], "")
	if i < 0 {
		w.orphelin(op, x, "profession de la carte")
		return
	}
	f := &w.ps[i]
	c := annuaire.Carte{Type: code(x, int(rass.POCodeTypeCarte)), Numero: x[rass.PONumero],
		Du:        w.jourDe(annuaire.Praticiens, f.n.ID, "carte.debut", x[rass.PODebut]),
		Au:        w.jourDe(annuaire.Praticiens, f.n.ID, "carte.fin", x[rass.POFin]),
		OpposeeLe: w.jourDe(annuaire.Praticiens, f.n.ID, "carte.opposition", x[rass.POOpposition])}
	k := slices.IndexFunc(f.n.Cartes, func(y annuaire.Carte) bool { return y.Numero == c.Numero })
	switch {
	case op == byte(rass.Retrait) && k >= 0:
		f.n.Cartes = slices.Delete(f.n.Cartes, k, k+1)
	case op == byte(rass.Retrait):
	case k >= 0 && op == 0:
		w.doublon(f, "carte")
	case k >= 0:
		f.n.Cartes[k] = c
	default:
		f.n.Cartes = append(f.n.Cartes, c)
	}
}

// balPersonne gives a personal mailbox to the situation of the structure it names, else
// to the professional. ref: MSS §3.1
func (w *ouvrier) balPersonne(structure string, x []string, op byte) {
	if op == byte(rass.Retrait) {
		for i := range w.ps {
			w.ps[i].n.BAL = retirerBAL(w.ps[i].n.BAL, x[rass.MSAdresse])
		}
		for i := range w.ss {
			w.ss[i].n.BAL = retirerBAL(w.ss[i].n.BAL, x[rass.MSAdresse])
		}
		return
	}
	p := w.exercice(x[rass.MSCodeProfession], x[rass.MSCodeCategorie])
	if p < 0 {
		p = w.premier()
	}
	f := &w.ps[p]
	liste, id, n := &f.n.BAL, f.n.ID, annuaire.Praticiens
	if s := w.situationA(p, structure, x[rass.MSCodeSavoirFaire]); s >= 0 {
		liste, id, n = &w.ss[s].n.BAL, w.ss[s].n.ID, annuaire.Situations
	}
	var double bool
	if *liste, double = ajouterBAL(*liste, bal(x), op != 0); double {
		w.compte.fiche(annuaire.DBALDouble, n, id, "", "adresse", x[rass.MSAdresse])
	}
}

// situationA finds what a professional does in a structure: with this savoir-faire when
// he does several things there, else the first.
func (w *ouvrier) situationA(p int, structure, savoir string) int {
	if structure == "" {
		return -1
	}
	trouvee := -1
	for i := range w.ss {
		s := &w.ss[i].n
		if w.ss[i].p != p || !s.Actif || s.Structure != structure {
			continue
		}
		if s.SavoirFaire.Savoir.Code == savoir {
			return i
		}
		if trouvee < 0 {
			trouvee = i
		}
	}
	return trouvee
}

// restreint sets what the restricted extraction adds: who the person is, where he
// receives letters. ref: RASS §5.5
func (w *ouvrier) restreint(x []string, op byte) {
	i := w.exercice(x[rass.PSCCodeProfession], x[rass.PSCCodeCategorie])
	if i < 0 {
		w.orphelin(op, x, "profession de l'extraction restreinte")
		return
	}
	f := &w.ps[i]
	if op == byte(rass.Retrait) {
		f.n.EtatCivil = annuaire.EtatCivil{Deces: f.n.EtatCivil.Deces}
		f.n.Contact.Telephone, f.n.Contact.Courriel = "", ""
		return
	}
	f.n.EtatCivil = annuaire.EtatCivil{Nom: x[rass.PSCNomFamille], Prenoms: strings.ReplaceAll(x[rass.PSCPrenoms], "'", " "), Sexe: x[rass.PSCSexe],
		Naissance: w.naissance(f.n.ID, x[rass.PSCNaissance]), Commune: x[rass.PSCCommuneNaissance], LieuNaissance: x[rass.PSCLieuNaissance],
		PaysNaissance: annuaire.Code{Code: x[rass.PSCPaysNaissance]}, Deces: f.n.EtatCivil.Deces}
	f.n.Contact.Telephone, f.n.Contact.Courriel = x[rass.PSCTelephone], x[rass.PSCCourriel]
}

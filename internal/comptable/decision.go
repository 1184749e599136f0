package comptable

import (
	"cmp"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
)

// CandidatsMax bounds each list of what could explain a line.
const CandidatsMax = 50

// Candidats is all that the book holds which could explain a line.
type Candidats struct {
	Citees  []*Annonce     // open announces whose transfer the line quotes
	Soeurs  []*LigneReleve // other open credits that quote the same transfer
	Egales  []*Annonce     // open announces of exactly its amount, in the window
	Rivales []*LigneReleve // other open credits of its amount, near one of these
	// Debiteur is the name of who announces the Egales, "" when it is not known.
	Debiteur string
	// Autre tells that another insurer announces, or owes, exactly this amount.
	Autre bool
	// Coupes tells that a list reached its bound: what was left out could be the
	// answer, so that there is none.
	Coupes bool
}

// Decision is what is done of a line: a match with its reason, or a doubt.
type Decision struct {
	Motif    Motif
	Annonces []*Annonce
	Lignes   []*LigneReleve
	Doute    Doute
	Cite     string // normalised reference that the line quotes
	// Rouvertes are lines of the same transfer that were left, to be examined again.
	Rouvertes []*LigneReleve
}

// Decider chooses, among what could explain a line, what explains it: by its
// reference, then by its amount, then by its amount and its day. It never guesses:
// what is not the only answer is a doubt.
func Decider(l *LigneReleve, c Candidats, p Parametres) Decision {
	p = p.avecDefauts()
	switch {
	case c.Coupes && len(c.Citees) > 0:
		return Decision{Doute: PlusieursAnnonces, Cite: Normaliser(c.Citees[0].Reference)}
	case c.Coupes:
		return Decision{Doute: PlusieursAnnonces}
	case len(c.Citees) > 0:
		return parReference(l, c)
	}
	if len(c.Egales) == 0 {
		return Decision{Doute: AnnonceAbsente}
	}
	d := parMontant(l, c, p)
	if d.Doute == "" {
		if x := doutePayeur(l, c); x != "" {
			return Decision{Doute: x}
		}
	}
	return d
}

// parMontant matches a line with the only announce of its amount, or with the nearest.
func parMontant(l *LigneReleve, c Candidats, p Parametres) Decision {
	if len(c.Egales) == 1 {
		return sansRivale(l, c.Egales[0], c.Rivales, ParMontant, p)
	}
	egales := slices.SortedStableFunc(slices.Values(c.Egales), func(a, b *Annonce) int { return cmp.Compare(ecart(l, a), ecart(l, b)) })
	proche, suivante := ecart(l, egales[0]), ecart(l, egales[1])
	if int(proche) > p.Proximite || proche == suivante {
		return Decision{Doute: PlusieursAnnonces}
	}
	return sansRivale(l, egales[0], c.Rivales, ParMontantEtDate, p)
}

// doutePayeur tells why an amount alone does not say who paid: an insurer that
// announces what it does not pay would take the transfer of another. The name of who
// pays raises a doubt and lifts none: anyone may bear it. hyp: MONTANT-SEUL
func doutePayeur(l *LigneReleve, c Candidats) Doute {
	switch {
	case citeAilleurs(l):
		return ReferenceInconnue
	case c.Autre || !unSeulPayeur(c.Egales):
		return AutrePayeur
	case !memeNom(l.Contrepartie, c.Debiteur):
		return ContrepartieAutre
	}
	return ""
}

func unSeulPayeur(l []*Annonce) bool {
	for _, a := range l {
		if a.Cle.Payeur != l[0].Cle.Payeur {
			return false
		}
	}
	return true
}

// parReference matches a line with all the announces that it quotes, when they add
// up; else the line and its sisters with them.
func parReference(l *LigneReleve, c Candidats) Decision {
	var annonce sante.Montant
	for _, a := range c.Citees {
		annonce += a.Reste
	}
	d := Decision{Annonces: c.Citees, Lignes: []*LigneReleve{l}, Cite: Normaliser(c.Citees[0].Reference), Motif: ParReference}
	if len(c.Citees) > 1 {
		d.Motif = ParReferences
	}
	if l.Reste == annonce {
		return d
	}
	if seule := seuleEgale(c.Citees, l.Reste); seule != nil {
		d.Annonces, d.Motif = []*Annonce{seule}, ParReference
		return d
	}
	recu := l.Reste
	for _, x := range c.Soeurs {
		recu += x.Reste
		d.Lignes = append(d.Lignes, x)
	}
	if len(c.Soeurs) > 0 && recu == annonce {
		d.Motif = ParReferences
		return d
	}
	return Decision{Doute: MontantDifferent, Cite: d.Cite}
}

// seuleEgale gives the only announce of an amount, among those of a reference.
func seuleEgale(l []*Annonce, m sante.Montant) (seule *Annonce) {
	for _, a := range l {
		if a.Reste == m && seule != nil {
			return nil
		}
		if a.Reste == m {
			seule = a
		}
	}
	return seule
}

// sansRivale matches a line with an announce, unless another line is as near.
func sansRivale(l *LigneReleve, a *Annonce, rivales []*LigneReleve, m Motif, p Parametres) Decision {
	for _, r := range rivales {
		if r.ID != l.ID && ecart(r, a) <= sante.Jour(p.Fenetre) && (m == ParMontant || ecart(r, a) <= ecart(l, a)) {
			return Decision{Doute: LignesConcurrentes}
		}
	}
	return Decision{Motif: m, Annonces: []*Annonce{a}, Lignes: []*LigneReleve{l}}
}

// ecart is how many days part a line from an announce.
func ecart(l *LigneReleve, a *Annonce) sante.Jour {
	d := l.Jour - a.Comptable
	return max(d, -d)
}

// Repartir spreads bank lines over the invoices of announces, in the order of
// both, and stops when either is exhausted. A doubt says what forbids it: then
// nothing is to be written. hyp: IMPUTATION-ORDRE
func Repartir(lignes []*LigneReleve, annonces []*Annonce, p Parametres) (l []Ecriture, d Doute) {
	pris := map[CleTitre]sante.Montant{}
	i, reste := 0, sante.Montant(0)
	if len(lignes) > 0 {
		reste = lignes[0].Reste
	}
	for _, a := range annonces {
		for k := range a.Factures {
			f := &a.Factures[k]
			for du := f.Reste; du > 0; {
				for reste == 0 {
					if i++; i >= len(lignes) {
						return l, ""
					}
					reste = lignes[i].Reste
				}
				if len(f.Titres) != 1 {
					return nil, TitreAbsent
				}
				t, m := f.Titres[0], min(du, reste)
				if pris[t.Cle] += m; pris[t.Cle] > t.Reste {
					return nil, TitreInsuffisant
				}
				l = append(l, paiement(lignes[i], a, f.Rang, t, m, p))
				du, reste = du-m, reste-m
			}
		}
	}
	return l, ""
}

// paiement is the entry of a payment. It counts from the day of the bank: a titre
// is not paid before it exists, nor in closed accounts.
func paiement(l *LigneReleve, a *Annonce, rang int, t *Titre, m sante.Montant, p Parametres) Ecriture {
	e := Ecriture{Nature: Paiement, Jour: p.ouvert(max(l.Jour, t.Emis)), AMC: t.AMC, Titre: t.Cle, Ligne: l.ID, Encaisse: l.Jour, Montant: m}
	if a != nil {
		e.Annonce, e.Rang = a.Cle, rang
	}
	return e
}

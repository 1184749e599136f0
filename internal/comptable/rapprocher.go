package comptable

import (
	"context"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
)

// Bilan counts what an automatic match did.
type Bilan struct {
	Examinees int // lines looked at
	Matchees  int // lines matched, sisters included
	Pieces    int
	Douteuses int // lines left to a person
	Montant   sante.Montant
}

// Rapprocher matches up to max open credits with what the insurers announced, in
// one transaction. Call it until nothing is examined. What was doubtful is looked
// at again once something new arrived.
func (s *Service) Rapprocher(ctx context.Context, max int) (b Bilan, err error) {
	err = s.Transaction(ctx, func(ctx context.Context) error {
		b = Bilan{}
		if err := s.Journal.Prendre(ctx); err != nil {
			return err
		}
		l, err := s.Lignes.AExaminer(ctx, max)
		if err != nil {
			return fmt.Errorf("comptable: rapprocher: %w", err)
		}
		faites := map[IDLigne]bool{}
		var restent []*LigneReleve
		for _, x := range l {
			if faites[x.ID] {
				continue
			}
			b.Examinees++
			d, err := s.examiner(ctx, x, &b)
			if err != nil {
				return fmt.Errorf("comptable: rapprocher: %w", err)
			}
			if d.Doute != "" {
				x.Doute, x.Cite = d.Doute, d.Cite
				restent = append(restent, x)
				// Its sisters, later in this batch, must see what it quotes.
				if err := s.Lignes.Classer(ctx, restent[len(restent)-1:]); err != nil {
					return fmt.Errorf("comptable: rapprocher: %w", err)
				}
			}
			for _, y := range append(d.Lignes, d.Rouvertes...) {
				faites[y.ID] = true
			}
		}
		for _, x := range restent {
			if !faites[x.ID] {
				b.Douteuses++
			}
		}
		return nil
	})
	return b, err
}

// examiner decides of one line, and writes its match.
func (s *Service) examiner(ctx context.Context, l *LigneReleve, b *Bilan) (Decision, error) {
	c, err := s.candidats(ctx, l)
	if err != nil {
		return Decision{}, err
	}
	d := Decider(l, c, s.Parametres)
	if d.Doute != "" {
		return d, nil
	}
	for i, a := range d.Annonces {
		if a.Factures == nil {
			if d.Annonces[i], err = s.Annonces.Annonce(ctx, a.Cle); err != nil {
				return d, err
			}
		}
	}
	ecritures, doute := Repartir(d.Lignes, d.Annonces, s.Parametres)
	if doute != "" {
		return Decision{Doute: doute, Cite: d.Cite}, nil
	}
	b.Pieces++
	b.Matchees += len(d.Lignes)
	for i := range ecritures {
		b.Montant += ecritures[i].Montant
	}
	if err := s.ecrire(ctx, &Piece{Motif: d.Motif, Score: d.Motif.Score(), Ecritures: ecritures}); err != nil {
		return d, err
	}
	if d.Rouvertes = autresSoeurs(c.Soeurs, d.Lignes); len(d.Rouvertes) == 0 {
		return d, nil
	}
	return d, s.Lignes.Classer(ctx, d.Rouvertes)
}

// autresSoeurs gives the lines that quote a transfer and were not matched with it:
// the announce that is paid no longer stands between them and the others.
func autresSoeurs(soeurs, faites []*LigneReleve) (l []*LigneReleve) {
	for _, x := range soeurs {
		if !slices.ContainsFunc(faites, func(y *LigneReleve) bool { return y.ID == x.ID }) {
			x.Doute = ""
			l = append(l, x)
		}
	}
	return l
}

// candidats reads what could explain a line.
func (s *Service) candidats(ctx context.Context, l *LigneReleve) (c Candidats, err error) {
	dites, possibles := References(l)
	for _, refs := range [][]string{dites, possibles} {
		if len(refs) == 0 || len(c.Citees) > 0 {
			continue
		}
		if c.Citees, err = s.Annonces.ParReference(ctx, refs); err != nil {
			return c, err
		}
	}
	if c.Coupes = len(c.Citees) >= CandidatsMax; len(c.Citees) > 0 {
		err := s.soeurs(ctx, l, &c)
		return c, err
	}
	p := s.Parametres.avecDefauts()
	f := sante.Jour(p.Fenetre)
	if c.Egales, err = s.Annonces.ParMontant(ctx, l.Reste, l.Jour-f, l.Jour+f); err != nil || len(c.Egales) == 0 {
		return c, err
	}
	rivales, err := s.Lignes.DeMontant(ctx, l.Reste, l.Jour-2*f, l.Jour+2*f)
	c.Coupes = len(c.Egales) >= CandidatsMax || len(rivales) >= CandidatsMax
	for _, r := range rivales {
		if r.ID != l.ID && r.Cite == "" {
			c.Rivales = append(c.Rivales, r)
		}
	}
	if err == nil && !c.Coupes {
		err = s.payeurs(ctx, l, &c)
	}
	return c, err
}

// payeurs tells who else could have paid a line, and the name of who announces it.
func (s *Service) payeurs(ctx context.Context, l *LigneReleve, c *Candidats) (err error) {
	payeur := c.Egales[0].Cle.Payeur
	if c.Autre, err = s.Titres.AutreDebiteur(ctx, payeur, l.Reste); err == nil && !c.Autre {
		c.Debiteur, err = s.Titres.Debiteur(ctx, payeur)
	}
	return err
}

// soeurs adds the other lines of the same transfer, when there is only one.
func (s *Service) soeurs(ctx context.Context, l *LigneReleve, c *Candidats) error {
	ref := Normaliser(c.Citees[0].Reference)
	for _, a := range c.Citees {
		if Normaliser(a.Reference) != ref {
			return nil
		}
	}
	autres, err := s.Lignes.Citant(ctx, ref)
	c.Coupes = c.Coupes || len(autres) >= CandidatsMax
	for _, x := range autres {
		if x.ID != l.ID && !x.PourPersonne {
			c.Soeurs = append(c.Soeurs, x)
		}
	}
	return err
}

// Candidats gives a person what could explain an open line.
func (s *Service) Candidats(ctx context.Context, id IDLigne) (c Candidats, err error) {
	err = s.Transaction(ctx, func(ctx context.Context) error {
		l, err := s.ligne(ctx, id)
		if err != nil {
			return err
		}
		c, err = s.candidats(ctx, l)
		return err
	})
	return c, err
}

func (s *Service) ligne(ctx context.Context, id IDLigne) (*LigneReleve, error) {
	l, err := s.Lignes.Ligne(ctx, id)
	if err == nil && l == nil {
		err = refuser(ErrInconnu, "Cette ligne de relevé n'existe pas.")
	}
	return l, err
}

package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Element is a leaf found in the journal.
type Element struct {
	Feuille
	// Trace, Record and Sel are empty when Efface or Scelle.
	Trace  Trace
	Record []byte
	Sel    []byte
	// Efface: destroyed at its term. Scelle: the journal was opened without
	// the keys.
	Efface, Scelle bool
	// Origine and Rang place the leaf in a log; Rang is -1 until sequenced.
	Origine string
	Rang    int64

	ligne Ligne
}

// ErrScelle: the record needs the keys, which were not given.
var ErrScelle = errors.New("journal: trace chiffrée, ouvrir le journal avec sa clé maîtresse")

// Trouver gives the leaves that meet a criterion, oldest first, at most 1000.
func (j *Journal) Trouver(ctx context.Context, c Critere) ([]Element, error) {
	lignes, err := j.o.Magasin.Chercher(ctx, j.o.Tenant, c)
	if err != nil {
		return nil, fmt.Errorf("journal: chercher: %w", err)
	}
	l := make([]Element, len(lignes))
	for i, x := range lignes {
		if l[i], err = j.element(ctx, x); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// element opens a row; one whose key was destroyed is erased.
func (j *Journal) element(ctx context.Context, l Ligne) (Element, error) {
	e := Element{Feuille: Feuille{l.ID, l.Feuille}, Rang: l.Rang, ligne: l}
	if l.Rang >= 0 {
		e.Origine = j.origine(l.Generation)
	}
	if l.Secret == nil {
		e.Efface = true
		return e, nil
	}
	if j.o.Trousseau == nil {
		e.Scelle = true
		return e, nil
	}
	cle, err := j.o.Trousseau.lire(ctx, l.cle())
	if errors.Is(err, ErrAbsent) {
		e.Efface = true
		return e, nil
	}
	if err != nil {
		return e, err
	}
	clair, err := ouvrir(cle, l.Secret, l.aad("secret"))
	if err != nil || len(clair) < preuve.TailleSel {
		return e, fmt.Errorf("%w: %s", ErrChiffre, l.ID)
	}
	e.Sel, e.Record = clair[:preuve.TailleSel], clair[preuve.TailleSel:]
	if preuve.Feuille(e.Sel, e.Record) != l.Feuille {
		return e, fmt.Errorf("%w: la trace %s n'a pas l'empreinte de sa feuille", ErrIncoherent, l.ID)
	}
	if e.Trace, err = preuve.ParseTrace(e.Record); err != nil {
		return e, err
	}
	return e, nil
}

// LireContenu opens the content of a leaf: ErrEfface after its term, ErrAbsent
// when none was kept.
func (j *Journal) LireContenu(ctx context.Context, e Element) (Contenu, error) {
	switch {
	case e.Efface:
		return Contenu{}, ErrEfface
	case e.Scelle:
		return Contenu{}, ErrScelle
	}
	chiffre, err := j.o.Magasin.Contenu(ctx, j.o.Tenant, e.ID)
	if err != nil {
		return Contenu{}, err
	}
	cle, err := j.o.Trousseau.lire(ctx, e.ligne.cle())
	if errors.Is(err, ErrAbsent) {
		return Contenu{}, ErrEfface
	}
	if err != nil {
		return Contenu{}, err
	}
	clair, err := ouvrir(cle, chiffre, e.ligne.aad("contenu"))
	if err != nil {
		return Contenu{}, fmt.Errorf("%w: contenu de %s", ErrChiffre, e.ID)
	}
	return decoderContenu(clair, func(h preuve.Hash) ([]byte, error) { return j.part(ctx, h) })
}

// Piece gives back what Deposer filed.
func (j *Journal) Piece(ctx context.Context, h preuve.Hash) ([]byte, error) {
	return j.o.Magasin.Piece(ctx, j.o.Tenant, h)
}

// Inclusion proves a leaf: in the first checkpoint kept after it, which is the
// closest to its time. ErrAbsent while the leaf has no rank.
func (j *Journal) Inclusion(ctx context.Context, e Element) (preuve.Inclusion, error) {
	if e.Rang < 0 {
		return preuve.Inclusion{}, fmt.Errorf("%w: la feuille attend son rang", ErrAbsent)
	}
	var i preuve.Inclusion
	err := j.o.Magasin.Instantane(ctx, func(ctx context.Context) error {
		p, err := j.pointApres(ctx, e)
		if err != nil {
			return err
		}
		chemin, err := preuve.ProuverInclusion(p.Taille, e.Rang, j.lecteurTuile(ctx, e.ligne.Generation))
		i = preuve.Inclusion{Point: string(p.Brut), Rang: e.Rang, Feuille: e.Hash, Chemin: chemin}
		return err
	})
	if err != nil {
		return i, err
	}
	// Never hand out a proof that does not hold.
	if _, err := i.Verifier(j.o.Cle); err != nil {
		return i, fmt.Errorf("%w: %w", ErrIncoherent, err)
	}
	// The checkpoint of a proof is shown: the witness knows one at least as new.
	_, err = j.Point(ctx)
	return i, err
}

func (j *Journal) pointApres(ctx context.Context, e Element) (preuve.PointControle, error) {
	brut, err := j.o.Magasin.PointApres(ctx, j.o.Tenant, e.ligne.Generation, e.Rang)
	if errors.Is(err, ErrAbsent) {
		l, err := j.o.Magasin.Tetes(ctx, j.o.Tenant)
		if err != nil {
			return preuve.PointControle{}, err
		}
		for _, t := range l {
			if t.Generation == e.ligne.Generation {
				return j.lireTete(t)
			}
		}
		return preuve.PointControle{}, ErrAbsent
	}
	if err != nil {
		return preuve.PointControle{}, err
	}
	return preuve.OuvrirPointControle(brut, j.o.Cle)
}

// Coherence proves that the current log continues an older checkpoint of it.
func (j *Journal) Coherence(ctx context.Context, ancienne int64) (preuve.PointControle, []preuve.Hash, error) {
	p, err := j.Point(ctx)
	if err != nil {
		return p, nil, err
	}
	chemin, err := preuve.ProuverCoherence(p.Taille, ancienne, j.lecteurTuile(ctx, j.generation(p.Origine)))
	return p, chemin, err
}

// Echange gathers all the evidence of a leaf, to be checked anywhere.
func (j *Journal) Echange(ctx context.Context, e Element) (preuve.Echange, error) {
	switch {
	case e.Efface:
		return preuve.Echange{}, ErrEfface
	case e.Scelle:
		return preuve.Echange{}, ErrScelle
	}
	i, err := j.Inclusion(ctx, e)
	if err != nil {
		return preuve.Echange{}, err
	}
	x := preuve.Echange{Record: string(e.Record), Sel: e.Sel, Inclusion: i}
	c, err := j.LireContenu(ctx, e)
	if errors.Is(err, ErrAbsent) {
		return x, nil // a trace without content is still evidence of digests
	}
	if err != nil {
		return x, err
	}
	x.Question, x.Reponse = c.Question, c.Reponse
	for _, l := range []struct {
		de   []preuve.Hash
		vers *[][]byte
	}{{c.ChaineQuestion, &x.ChaineQuestion}, {c.ChaineReponse, &x.ChaineReponse}, {c.Revocations, &x.Revocations}} {
		for _, h := range l.de {
			o, err := j.Piece(ctx, h)
			if err != nil {
				return x, fmt.Errorf("journal: pièce %s: %w", h.Hex(), err)
			}
			*l.vers = append(*l.vers, o)
		}
	}
	return x, nil
}

// lecteurTuile reads tiles from the store.
func (j *Journal) lecteurTuile(ctx context.Context, generation int64) preuve.LecteurTuile {
	return func(niveau int, indice int64, largeur int) ([]byte, error) {
		b, err := j.o.Magasin.Tuile(ctx, j.o.Tenant, generation, niveau, indice)
		if err != nil {
			return nil, fmt.Errorf("journal: tuile %d/%d: %w", niveau, indice, err)
		}
		return b, nil
	}
}

// Tuile gives a tile of the current log as it is published: exactly largeur
// hashes of it. ErrAbsent beyond the signed size.
func (j *Journal) Tuile(ctx context.Context, niveau int, indice int64, largeur int) ([]byte, error) {
	t, err := j.publiee(ctx, niveau, indice, largeur)
	if err != nil {
		return nil, err
	}
	b, err := j.o.Magasin.Tuile(ctx, j.o.Tenant, t.Generation, niveau, indice)
	if err != nil {
		return nil, err
	}
	if len(b) < largeur*len(preuve.Hash{}) {
		return nil, ErrIncoherent
	}
	return b[:largeur*len(preuve.Hash{})], nil
}

// Paquet gives an entry bundle of the current log: the data H of largeur
// leaves, each after its length. ErrAbsent beyond the signed size.
// ref: C2SP tlog-tiles, entry bundles
func (j *Journal) Paquet(ctx context.Context, indice int64, largeur int) ([]byte, error) {
	t, err := j.publiee(ctx, 0, indice, largeur)
	if err != nil {
		return nil, err
	}
	de, b := indice*preuve.LargeurTuile, []byte(nil)
	err = j.o.Magasin.Parcourir(ctx, j.o.Tenant, t.Generation, de, de+int64(largeur), func(l Ligne) error {
		b = append(append(b, 0, byte(len(l.Feuille))), l.Feuille[:]...)
		return nil
	})
	return b, err
}

// publiee gives the current log if its signed checkpoint covers a tile: what no
// checkpoint covers is not shown.
func (j *Journal) publiee(ctx context.Context, niveau int, indice int64, largeur int) (Tete, error) {
	t, p, err := j.tete(ctx)
	if err != nil {
		return t, err
	}
	visibles := p.Taille
	for range niveau {
		visibles /= preuve.LargeurTuile
	}
	if indice > visibles || indice*preuve.LargeurTuile+int64(largeur) > visibles {
		return t, ErrAbsent
	}
	return t, j.o.Temoin.Noter(map[string]preuve.PointControle{j.o.Tenant: p})
}

package bdd

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
)

// ligneMax bounds a line of a backup, that is a row.
const ligneMax = 256 << 20

// Restaurer reads a backup of Sauvegarder into this database, whose migrations
// must be those of the backup and whose tables must be empty: no migration fills
// one. All or nothing: the digest is checked before the commit.
func (b *Base) Restaurer(ctx context.Context, r io.Reader) error {
	z, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		return fmt.Errorf("%w: ce n'est pas un fichier de sauvegarde: %w", ErrSauvegarde, err)
	}
	l := &lecteurLignes{r: bufio.NewScanner(z), somme: sha256.New()}
	l.r.Buffer(make([]byte, 1<<16), ligneMax)
	// Not EnTransaction: the stream cannot be read twice.
	return b.executer(ctx, func(ctx context.Context) error {
		if err := b.restaurer(ctx, l); err != nil {
			return err
		}
		return b.compter(ctx)
	})
}

// compter has PostgreSQL look at what was restored: until it has, it reads whole tables
// where an index serves. SQLite's plans come from its schema alone.
func (b *Base) compter(ctx context.Context) error {
	if b.moteur != PostgreSQL {
		return nil
	}
	if _, err := b.Ecrivain(ctx).ExecContext(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("bdd: compter ce qui est restauré: %w", err)
	}
	return nil
}

type lecteurLignes struct {
	r     *bufio.Scanner
	somme hash.Hash
}

// lire gives the next line, and the digest of all lines before it.
func (l *lecteurLignes) lire() (ligne []byte, avant []byte, err error) {
	avant = l.somme.Sum(nil)
	if !l.r.Scan() {
		return nil, nil, fmt.Errorf("%w: flux interrompu: %w", ErrSauvegarde, errors.Join(l.r.Err(), io.ErrUnexpectedEOF))
	}
	ligne = l.r.Bytes()
	l.somme.Write(ligne)
	l.somme.Write([]byte{'\n'})
	return ligne, avant, nil
}

func (b *Base) restaurer(ctx context.Context, l *lecteurLignes) error {
	ligne, _, err := l.lire()
	if err != nil {
		return err
	}
	if err := b.verifierEnTete(ctx, ligne); err != nil {
		return err
	}
	tables, err := b.Tables(ctx)
	if err != nil {
		return err
	}
	for {
		ligne, avant, err := l.lire()
		if err != nil {
			return err
		}
		if bytes.HasPrefix(ligne, []byte(`{"empreinte"`)) {
			return finir(l, ligne, avant)
		}
		var d debutTable
		if err := json.Unmarshal(ligne, &d); err != nil {
			return fmt.Errorf("%w: %w", ErrSauvegarde, err)
		}
		i := slices.Index(tables, d.Table)
		if i < 0 {
			return fmt.Errorf("%w: table %q inconnue ou répétée", ErrSauvegarde, d.Table)
		}
		tables = slices.Delete(tables, i, i+1)
		if err := b.restaurerTable(ctx, l, d); err != nil {
			return err
		}
	}
}

func (b *Base) verifierEnTete(ctx context.Context, ligne []byte) error {
	var e enTete
	if err := json.Unmarshal(ligne, &e); err != nil || e.Format != formatSauvegarde {
		return fmt.Errorf("%w: ce n'est pas une sauvegarde %s", ErrSauvegarde, formatSauvegarde)
	}
	ici, err := b.migrationsTextes(ctx)
	if err != nil {
		return err
	}
	if !maps.Equal(ici, e.Migrations) {
		return fmt.Errorf("%w: faite par une autre version (migrations différentes)", ErrSauvegarde)
	}
	return nil
}

func finir(l *lecteurLignes, ligne, avant []byte) error {
	var e empreinte
	if err := json.Unmarshal(ligne, &e); err != nil || e.Empreinte != hex.EncodeToString(avant) {
		return fmt.Errorf("%w: empreinte différente, le fichier est altéré", ErrSauvegarde)
	}
	if l.r.Scan() || l.r.Err() != nil {
		return fmt.Errorf("%w: données après la fin", ErrSauvegarde)
	}
	return nil
}

func (b *Base) restaurerTable(ctx context.Context, l *lecteurLignes, d debutTable) error {
	ici, err := b.decrire(ctx, d.Table)
	if err != nil {
		return err
	}
	// The names are used in SQL below: they must be those of our own schema.
	if !memesColonnes(ici, d) {
		return fmt.Errorf("%w: colonnes de %s différentes", ErrSauvegarde, d.Table)
	}
	var n int64
	if err := b.Ecrivain(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM "+ici.Table).Scan(&n); err != nil {
		return fmt.Errorf("bdd: restaurer %s: %w", ici.Table, err)
	}
	if n != 0 {
		return fmt.Errorf("%w: %s a %d lignes", ErrBaseNonVide, ici.Table, n)
	}
	return b.restaurerLignes(ctx, l, d)
}

func memesColonnes(a, b debutTable) bool {
	paires := func(d debutTable) []string {
		var l []string
		for i := range d.Colonnes {
			if i < len(d.Types) {
				l = append(l, d.Colonnes[i]+" "+d.Types[i])
			}
		}
		slices.Sort(l)
		return l
	}
	return len(b.Colonnes) == len(b.Types) && slices.Equal(paires(a), paires(b))
}

func (b *Base) restaurerLignes(ctx context.Context, l *lecteurLignes, d debutTable) error {
	f := forme{"INSERT INTO " + d.Table + " (" + strings.Join(d.Colonnes, ", ") + ") VALUES", "", len(d.Colonnes)}
	var lot []any
	octets, n := 0, int64(0)
	vider := func() error {
		err := f.ecrire(ctx, b.Ecrivain(ctx), b.moteur, lot)
		lot, octets = lot[:0], 0
		return err
	}
	for {
		ligne, _, err := l.lire()
		if err != nil {
			return err
		}
		if bytes.HasPrefix(ligne, []byte("{")) {
			var fin finTable
			if err := json.Unmarshal(ligne, &fin); err != nil || fin.Fin != d.Table || fin.Lignes != n {
				return fmt.Errorf("%w: %s compte %d lignes", ErrSauvegarde, d.Table, n)
			}
			return vider()
		}
		v, err := valeurs(ligne, d)
		if err != nil {
			return err
		}
		lot = append(lot, v...)
		n++
		if octets += len(ligne); octets > 1<<20 || len(lot) >= 64*len(d.Colonnes) {
			if err := vider(); err != nil {
				return err
			}
		}
	}
}

// valeurs reads a row by the types of its columns.
func valeurs(ligne []byte, d debutTable) ([]any, error) {
	var brut []json.RawMessage
	if err := json.Unmarshal(ligne, &brut); err != nil || len(brut) != len(d.Types) {
		return nil, fmt.Errorf("%w: ligne illisible dans %s", ErrSauvegarde, d.Table)
	}
	v := make([]any, len(brut))
	for i, x := range brut {
		var err error
		if v[i], err = valeur(x, d.Types[i]); err != nil {
			return nil, fmt.Errorf("%w: %s.%s illisible", ErrSauvegarde, d.Table, d.Colonnes[i])
		}
	}
	return v, nil
}

func valeur(x json.RawMessage, typ string) (any, error) {
	if bytes.Equal(x, []byte("null")) {
		return nil, nil
	}
	if typ == "BIGINT" {
		var n int64
		err := json.Unmarshal(x, &n)
		return n, err
	}
	var s string
	if err := json.Unmarshal(x, &s); err != nil || typ == "TEXT" {
		return s, err
	}
	return base64.StdEncoding.DecodeString(s)
}

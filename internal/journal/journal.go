package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Trace is the record of an exchange: see the shelf package preuve.
type Trace = preuve.Trace

// Feuille is what Ecrire gives back: where the trace is, and the hash to show.
type Feuille struct {
	ID   string
	Hash preuve.Hash
}

// Options makes a Journal.
type Options struct {
	// Tenant owns this journal.
	Tenant string
	// Signataire signs its checkpoints; its name is the log's first origin.
	Signataire note.Signer
	// Cle verifies what Signataire signs.
	Cle       preuve.Cle
	Magasin   Magasin
	Trousseau *Trousseau
	// Temoin remembers the last published checkpoint outside the database.
	Temoin *Temoin
	// Horloge is the clock; time.Now by default.
	Horloge func() time.Time
	// Classe chooses the retention of a service; ClasseDe by default.
	Classe func(service string) Classe
}

// Journal is one tenant's journal. It is safe for concurrent use.
type Journal struct {
	o Options

	porte    sync.Mutex
	deposees map[preuve.Hash]bool
	seau     int64 // the current bucket: the instant of its first row
	dedans   int   // and its rows

	communs communs

	sansContenu bool
}

// Errors of journals.
var (
	// ErrOptions: a Journal cannot be made from these options.
	ErrOptions = errors.New("journal: options refusées")
	// ErrIncoherent: what the database holds differs from what was signed.
	ErrIncoherent = errors.New("journal: la base diffère de ce qui a été signé")
)

// Ouvrir opens a tenant's journal, makes its first log when there is none, and
// checks the end of the tree against the last signed checkpoint. When the
// database is behind what was published, it opens a new log: see Temoin.
func Ouvrir(ctx context.Context, o Options) (*Journal, error) {
	if o.Tenant == "" || strings.ContainsAny(o.Tenant, "\n/") || o.Signataire == nil || o.Magasin == nil || o.Trousseau == nil || o.Temoin == nil {
		return nil, ErrOptions
	}
	if o.Cle.Nom() != o.Signataire.Name() {
		return nil, fmt.Errorf("%w: la clé publique %q n'est pas celle du signataire %q", ErrOptions, o.Cle.Nom(), o.Signataire.Name())
	}
	j := nouveau(o)
	if err := o.Trousseau.Preparer(ctx, o.Tenant, j.o.Horloge()); err != nil {
		return nil, err
	}
	if err := j.accorder(ctx); err != nil {
		return nil, err
	}
	return j, j.VerifierFin(ctx)
}

// OuvrirSansContenu opens a journal that keeps no content: its leaves hold the digests of
// what was asked and answered, and who, when and under what verdict; neither messages nor
// what judged their seals. Whoever holds a message proves that it is the one; nobody reads
// it here. Where amounts would name a person, the third party's is one. ref: DEC 32
func OuvrirSansContenu(ctx context.Context, o Options) (*Journal, error) {
	j, err := Ouvrir(ctx, o)
	if err == nil {
		j.sansContenu = true
	}
	return j, err
}

// Consulter opens a journal to read and verify it, a copied database for
// instance, with the public key only: Tenant, Cle and Magasin are needed.
// Without Trousseau, records stay sealed: Verifier then checks the leaves, the
// tree and the signatures, and counts the records it could not open.
func Consulter(ctx context.Context, o Options) (*Journal, error) {
	if o.Tenant == "" || o.Magasin == nil || o.Cle.Nom() == "" {
		return nil, ErrOptions
	}
	o.Signataire = nil
	if o.Temoin == nil {
		o.Temoin = temoinMuet()
	}
	j := nouveau(o)
	if _, _, err := j.tete(ctx); err != nil {
		return nil, err
	}
	return j, nil
}

func nouveau(o Options) *Journal {
	if o.Horloge == nil {
		o.Horloge = time.Now
	}
	if o.Classe == nil {
		o.Classe = ClasseDe
	}
	return &Journal{o: o, deposees: make(map[preuve.Hash]bool)}
}

// ErrLectureSeule: a journal opened by Consulter does not write.
var ErrLectureSeule = errors.New("journal: ouvert pour consultation seulement")

// Tenant is whose journal this is.
func (j *Journal) Tenant() string { return j.o.Tenant }

// Cle is the public key that verifies this journal.
func (j *Journal) Cle() preuve.Cle { return j.o.Cle }

// Ecrire writes the leaf of an exchange in the transaction of ctx, else alone
// and durable on return. The hash is that of the leaf's datum, which the answer
// may carry before the leaf has a rank. ref: DEC 17
func (j *Journal) Ecrire(ctx context.Context, t Trace, c Contenu) (Feuille, error) {
	if j.o.Signataire == nil {
		return Feuille{}, ErrLectureSeule
	}
	record, err := t.Record()
	if err != nil {
		return Feuille{}, err
	}
	secret := make([]byte, preuve.TailleSel, preuve.TailleSel+len(record))
	rand.Read(secret)
	secret = append(secret, record...)
	l := Ligne{
		Tenant: j.o.Tenant, Instant: j.o.Horloge().UTC().Truncate(time.Millisecond), Classe: j.o.Classe(t.Service),
		Service: t.Service, IDMessage: t.IDMessage, IDEchange: t.IDEchange, Engagement: t.Engagement,
		Feuille: preuve.Feuille(secret[:preuve.TailleSel], record), Rang: -1,
	}
	l.ID, l.Seau = nouvelID(l.Instant), j.ranger(l.Instant)
	cle, err := j.o.Trousseau.obtenir(ctx, l.cle())
	if err != nil {
		return Feuille{}, err
	}
	l.Secret = fermer(cle, secret, l.aad("secret"))
	if !j.sansContenu && !c.vide() {
		q, r := j.communs.renvoi(c.Question, c.PartQuestion), j.communs.renvoi(c.Reponse, c.PartReponse)
		b := make([]byte, cle.NonceSize(), cle.NonceSize()+c.taille(q, r)+cle.Overhead())
		l.Contenu = fermerSurPlace(cle, c.encoder(b, q, r), l.aad("contenu"))
	}
	if err := j.o.Magasin.Ajouter(ctx, l); err != nil {
		return Feuille{}, fmt.Errorf("journal: écrire la trace: %w", err)
	}
	return Feuille{l.ID, l.Feuille}, nil
}

// Deposer files a certificate or a revocation list, once for all the leaves that
// refer to it, and gives its digest. It is best called before the business
// transaction.
func (j *Journal) Deposer(ctx context.Context, octets []byte) (preuve.Hash, error) {
	if j.sansContenu {
		return preuve.Hash(sha256.Sum256(octets)), nil
	}
	if !j.o.Magasin.EnTransaction(ctx) {
		if err := j.deposerCommuns(ctx); err != nil {
			return preuve.Hash{}, err
		}
	}
	h := preuve.Hash(sha256.Sum256(octets))
	j.porte.Lock()
	deja := j.deposees[h]
	j.porte.Unlock()
	if deja {
		return h, nil
	}
	if err := j.o.Magasin.DeposerPiece(ctx, j.o.Tenant, h, octets); err != nil {
		return h, fmt.Errorf("journal: déposer une pièce: %w", err)
	}
	// Written inside a transaction, the piece may vanish with it.
	if !j.o.Magasin.EnTransaction(ctx) {
		j.porte.Lock()
		if len(j.deposees) >= 4096 {
			clear(j.deposees)
		}
		j.deposees[h] = true
		j.porte.Unlock()
	}
	return h, nil
}

// lignesParSeau is a compromise: the index pages that a commit touches, and the
// buckets that a search visits (5,000 for ten million leaves).
const lignesParSeau = 2048

// ranger gives the bucket of a new row: at most lignesParSeau rows, at most a day.
func (j *Journal) ranger(instant time.Time) int64 {
	j.porte.Lock()
	defer j.porte.Unlock()
	ms := instant.UnixMilli()
	if j.dedans >= lignesParSeau || ms-j.seau > (24*time.Hour).Milliseconds() {
		j.seau, j.dedans = max(ms, j.seau+1), 0
	}
	j.dedans++
	return j.seau
}

func (l Ligne) cle() cleContenu {
	return cleContenu{l.Tenant, l.Instant.UTC().Format(formatMois), l.Classe}
}

// aad binds a ciphertext to its place: a row copied over another does not open.
func (l Ligne) aad(champ string) []byte {
	return []byte("ecluse-journal-ligne/1\n" + l.Tenant + "\n" + l.ID + "\n" + champ)
}

// nouvelID is 48 bits of milliseconds and 80 of chance, in hexadecimal.
func nouvelID(instant time.Time) string {
	var alea [10]byte
	rand.Read(alea[:])
	return DebutID(instant) + hex.EncodeToString(alea[:])
}

// DebutID is the beginning of the ids of an instant: ids order as instants do.
func DebutID(instant time.Time) string { return fmt.Sprintf("%012x", max(0, instant.UnixMilli())) }

// origine names the log of a generation.
func (j *Journal) origine(generation int64) string {
	if generation <= 1 {
		return j.o.Cle.Nom()
	}
	return fmt.Sprintf("%s/%d", j.o.Cle.Nom(), generation)
}

// signer signs a checkpoint, never dated before the previous one.
func (j *Journal) signer(p preuve.PointControle, apres time.Time) ([]byte, error) {
	p.Instant = j.o.Horloge().UTC()
	if p.Instant.Before(apres) {
		p.Instant = apres
	}
	b, err := note.Sign(&note.Note{Text: p.Texte()}, j.o.Signataire)
	if err != nil {
		return nil, fmt.Errorf("journal: signer le point de contrôle: %w", err)
	}
	return b, nil
}

// tete gives the current log and its checkpoint, verified.
func (j *Journal) tete(ctx context.Context) (Tete, preuve.PointControle, error) {
	l, err := j.o.Magasin.Tetes(ctx, j.o.Tenant)
	if err != nil {
		return Tete{}, preuve.PointControle{}, err
	}
	if len(l) == 0 {
		return Tete{}, preuve.PointControle{}, ErrAbsent
	}
	p, err := j.lireTete(l[len(l)-1])
	return l[len(l)-1], p, err
}

func (j *Journal) lireTete(t Tete) (preuve.PointControle, error) {
	p, err := preuve.OuvrirPointControle(t.Point, j.o.Cle)
	if err != nil {
		return p, fmt.Errorf("%w: %w", ErrIncoherent, err)
	}
	if p.Taille != t.Taille || p.Origine != j.origine(t.Generation) {
		return p, fmt.Errorf("%w: point de contrôle d'un autre journal ou d'une autre taille", ErrIncoherent)
	}
	return p, nil
}

// Point gives the current checkpoint, remembered by the Temoin before it is
// shown to anyone.
func (j *Journal) Point(ctx context.Context) (preuve.PointControle, error) {
	_, p, err := j.tete(ctx)
	if err != nil {
		return p, err
	}
	return p, j.o.Temoin.Noter(map[string]preuve.PointControle{j.o.Tenant: p})
}

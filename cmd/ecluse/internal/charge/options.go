package charge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Options says what is measured, and how.
type Options struct {
	Config        string         // of a laboratory that runs already; "" to make one
	Dir           string         // where the laboratory is made; "" for a temporary one
	Garder        bool           // leaves the laboratory that was made
	Base          string         // sqlite, or the address of a PostgreSQL server
	Service       roc.Service    // IDB or CLC
	Face          sceau.Face     // of the questions
	HTTP2         bool           // rather than HTTP/1.1
	Duree         time.Duration  // of a round
	Tours         int            // rounds; medians are told
	Connexions    int            // at the same time
	Emetteurs     int            // hospitals that seal
	Beneficiaires int            // in the portfolio
	Questions     int            // made before the clock starts
	Cles          igc.Algorithme // of the certificates that are made
	Debit         float64        // questions a second offered; 0: as fast as answers come
	Demi          bool           // then at half of the rate found, for honest delays
	Profil        string         // file where the server's processor profile is put
	PID, PIDBase  int            // processes whose time is counted, when they are not ours
}

// Verifier refuses what cannot be measured, and says which option is wrong.
func (o *Options) Verifier() error {
	for _, b := range []struct {
		nom      string
		v, a, de int
	}{
		{"tours", o.Tours, toursMax, 1}, {"connexions", o.Connexions, connexionsMax, 1}, {"emetteurs", o.Emetteurs, emetteursMax, 1},
		{"beneficiaires", o.Beneficiaires, beneficiairesMax, 1}, {"questions", o.Questions, questionsMax, 1},
	} {
		if b.v < b.de || b.v > b.a {
			return fmt.Errorf("--%s : de %d à %d", b.nom, b.de, b.a)
		}
	}
	switch {
	case o.Service != roc.IDB && o.Service != roc.CLC:
		return errors.New("--service : IDB ou CLC")
	case o.Face != sceau.REST && o.Face != sceau.SOAP:
		return errors.New("--face : REST ou SOAP")
	case o.Duree <= 0 || o.Duree*time.Duration(o.Tours) > dureeMax:
		return fmt.Errorf("--duree et --tours : au plus %s en tout", dureeMax)
	case o.Base != "sqlite" && !strings.HasPrefix(o.Base, "postgres://"):
		return errors.New("--base : sqlite ou postgres://…")
	case o.Debit < 0:
		return errors.New("--debit : un nombre positif")
	case o.Cles != igc.EC256 && o.Cles != igc.RSA2048:
		return fmt.Errorf("--cles : %s ou %s", igc.EC256, igc.RSA2048)
	}
	return nil
}

// Comparer measures one server, or several by turns. ref: DEC 37
func Comparer(ctx context.Context, variantes []Options) (_ *Rapport, err error) {
	r := &Rapport{Date: time.Now().UTC().Truncate(time.Second), Coeurs: runtime.GOMAXPROCS(0), Go: runtime.Version(), Machine: processeur()}
	var bancs []*banc
	defer func() {
		for _, b := range bancs {
			err = errors.Join(err, b.fermer())
		}
	}()
	for _, o := range variantes {
		b, err := monterBanc(ctx, o)
		if b != nil {
			bancs = append(bancs, b)
		}
		if err != nil {
			return nil, err
		}
	}
	for tour := range variantes[0].Tours {
		for _, b := range bancs {
			if err := b.tour(ctx, tour); err != nil {
				return nil, err
			}
		}
	}
	for _, b := range bancs {
		if err := b.conclure(ctx); err != nil {
			return nil, err
		}
		r.Mesures = append(r.Mesures, b.mesure)
	}
	r.resumer()
	return r, nil
}

// suivreCharge tells what is being prepared, to who waits.
func suivreCharge(format string, a ...any) { fmt.Fprintf(os.Stderr, format+"\n", a...) }

// Bounds of a run, in count and in time.
const (
	dureeMax         = 10 * time.Minute
	toursMax         = 200
	connexionsMax    = 512
	emetteursMax     = 200_000
	beneficiairesMax = 5_000_000
	questionsMax     = 1_000_000
)

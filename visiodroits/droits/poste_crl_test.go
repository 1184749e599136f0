package droits

import (
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

type jugeFige struct {
	v   certificat.Verdict
	err error
}

func (j jugeFige) Juger([]byte, [][]byte, certificat.Usage, time.Time) (certificat.Verdict, error) {
	return j.v, j.err
}

func TestControlesCRL(t *testing.T) {
	for _, c := range []struct {
		nom  string
		j    jugeFige
		want controlesCRL
	}{
		{"bon", jugeFige{}, controlesCRL{1, 1}},
		{"admis malgré une liste périmée", jugeFige{v: certificat.Verdict{Souple: &certificat.Refus{Motif: certificat.MotifListePerimee}}}, controlesCRL{1, 0}},
		{"révoqué", jugeFige{err: &certificat.Refus{Motif: certificat.MotifRevoque}}, controlesCRL{1, 1}},
		{"liste périmée", jugeFige{err: &certificat.Refus{Motif: certificat.MotifListePerimee}}, controlesCRL{1, 0}},
		{"liste absente", jugeFige{err: &certificat.Refus{Motif: certificat.MotifListeAbsente}}, controlesCRL{1, 0}},
		{"expiré : sa liste n'est pas ouverte", jugeFige{err: &certificat.Refus{Motif: certificat.MotifExpire}}, controlesCRL{}},
	} {
		var n controlesCRL
		v, err := jugeCompte{c.j, &n}.Juger(nil, nil, certificat.UsageCachet, time.Time{})
		if n != c.want || err != c.j.err || v.Souple != c.j.v.Souple {
			t.Errorf("%s : %+v, want %+v", c.nom, n, c.want)
		}
	}
}

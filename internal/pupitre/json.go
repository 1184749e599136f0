package pupitre

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// objet is a step for a program: one JSON object, on one line.
type objet struct {
	Etape      int          `json:"etape,omitempty"`
	Histoire   string       `json:"histoire,omitempty"`
	Titre      string       `json:"titre"`
	Service    roc.Service  `json:"service"`
	Code       roc.Code     `json:"code"`
	Libelle    string       `json:"libelle,omitempty"`
	Ms         float64      `json:"ms"`
	Ok         bool         `json:"ok"`
	Attendu    string       `json:"attendu,omitempty"`
	Constate   string       `json:"constate,omitempty"`
	Debut      time.Time    `json:"debut,omitzero"`
	Demandeur  string       `json:"demandeur,omitempty"`
	Repondant  string       `json:"repondant,omitempty"`
	Face       sceau.Face   `json:"face,omitempty"`
	Relais     []string     `json:"relais,omitempty"`
	Chiffre    bool         `json:"chiffre"`
	Indicatif  bool         `json:"indicatif,omitempty"`
	Engagement *Engagement  `json:"engagement,omitempty"`
	Parts      *Parts       `json:"parts,omitempty"`
	Lignes     []LigneParts `json:"lignes,omitempty"`
	Hypotheses []string     `json:"hypotheses,omitempty"`
	Refus      *Refus       `json:"refus,omitempty"`
	Sceau      *sceauJSON   `json:"sceau,omitempty"`
	Preuve     *Preuve      `json:"preuve,omitempty"`
	Regards    *Regards     `json:"regards,omitempty"`
}

// sceauJSON is what the seals of the two messages are worth.
type sceauJSON struct {
	Question *verdictJSON `json:"question,omitempty"`
	Reponse  *verdictJSON `json:"reponse,omitempty"`
}

type verdictJSON struct {
	Valide     bool     `json:"valide"`
	Code       roc.Code `json:"code,omitempty"`
	Profil     string   `json:"profil,omitempty"`
	Algorithme string   `json:"algorithme,omitempty"`
	Structure  string   `json:"structure,omitempty"` // who sealed
	Empreinte  string   `json:"empreinte,omitempty"`
	References int      `json:"references"`
	Echec      string   `json:"echec,omitempty"`
}

func (v *Vu) json() *verdictJSON {
	if v == nil {
		return nil
	}
	j := &verdictJSON{Valide: v.Code == "", Code: v.Code, Empreinte: v.Empreinte, Echec: v.Echec}
	if v.Sceau != nil {
		j.Profil, j.Algorithme, j.References = v.Sceau.Profil, v.Sceau.Algorithme, len(v.Sceau.References)
	}
	if v.Scelleur != nil {
		j.Structure = v.Scelleur.Structure
	}
	return j
}

// EcrireJSON writes a step as one JSON object on one line. "ok" is that the step
// did what was expected and is coherent; when it is not, "constate" says why.
func EcrireJSON(w io.Writer, e Etape) error {
	o := objet{
		Etape: e.Numero, Histoire: e.Histoire, Titre: e.Titre, Service: e.Service, Code: e.Code, Libelle: e.LibelleDuCode(),
		Ms: float64(e.Duree.Microseconds()) / 1000, Ok: e.Tient(), Attendu: e.Attendu, Constate: e.Constate, Debut: e.Debut.UTC(),
		Demandeur: e.Demandeur, Repondant: e.Repondant, Face: e.faceDe(), Relais: e.Relais, Chiffre: e.Chiffre, Indicatif: e.Indicatif,
		Engagement: e.Engagement, Parts: e.Totaux, Lignes: e.Lignes, Hypotheses: e.Hypotheses, Refus: e.Refus, Preuve: e.Preuve, Regards: e.Regards,
	}
	if err := e.Coherente(); err != nil {
		o.Constate = err.Error()
	}
	if e.Question != nil || e.Reponse != nil {
		o.Sceau = &sceauJSON{e.Question.json(), e.Reponse.json()}
	}
	b, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("pupitre: écrire l'étape %d: %w", e.Numero, err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

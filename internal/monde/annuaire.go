package monde

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Adresse is where an insurer answers, known once its process is there.
type Adresse struct {
	Base         string   // https://host:port
	Empreintes   []string // SHA-256 of the server's certificate, lower-case hexadecimal, two at most
	Confidentiel string   // certificate of confidentiality, base64 DER, or ""
}

// entree is an entry of the directory, in the JSON form of its file.
type entree struct {
	ID             string          `json:"id"`
	NumeroAMC      sante.NumeroAMC `json:"numeroAMC"`
	TypeConvention string          `json:"typeConvention,omitempty"`
	CSR            string          `json:"csr,omitempty"`
	Debut          sante.Jour      `json:"debut"`
	Fin            sante.Jour      `json:"fin,omitzero"`
	Domaines       []roc.Domaine   `json:"domaines,omitempty"`
	Remplacante    sante.NumeroAMC `json:"remplacante,omitzero"`
	Libelle        string          `json:"libelle"`
	Structure      string          `json:"structure,omitempty"`
	Mandat         *mandat         `json:"mandat,omitempty"`
	Points         []point         `json:"points,omitempty"`
	CalculLocal    bool            `json:"calculLocal"`
	Validite       int             `json:"validite"`
}

type mandat struct {
	ID        string     `json:"id"`
	Libelle   string     `json:"libelle"`
	Structure string     `json:"structure"`
	Debut     sante.Jour `json:"debut"`
}

type point struct {
	Service      roc.Service `json:"service"`
	Adresse      string      `json:"adresse"`
	Debut        sante.Jour  `json:"debut"`
	Fin          sante.Jour  `json:"fin,omitzero"`
	Empreintes   []string    `json:"empreintes,omitempty"`
	Confidentiel string      `json:"confidentiel,omitempty"`
}

// Numbers of cards that the directory cannot, or can no longer, serve. ref: ROC §18
const (
	NumeroRemplace = "99000109" // A003: taken over by the Moulin
	NumeroFerme    = "99000505" // A002: nothing open since last year
	NumeroAmbigu   = "99000606" // A004: two entries of equal rank, for convention CM and CSR 661
	NumeroInconnu  = "99000999" // A001
)

// garde is how long an answer of the directory may be kept, in seconds.
const garde = 3600

// Annuaire is the file of the directory, one JSON object a line. Every insurer needs its
// address, under its key; an operator that carries for one may have its own.
func (m *Monde) Annuaire(adresses map[string]Adresse) ([]byte, error) {
	a := &atelier{jour: m.Jour}
	var l []entree
	for i := range m.AMC {
		if _, dite := adresses[m.AMC[i].Cle]; !dite {
			return nil, fmt.Errorf("monde: adresse de l'AMC %s absente", m.AMC[i].Cle)
		}
		l = append(l, m.entrees(a, &m.AMC[i], adresses)...)
	}
	l = append(l, m.refusantes(a, adresses)...)
	if len(a.fautes) > 0 {
		return nil, a.fautes[0]
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for i := range l {
		if err := e.Encode(&l[i]); err != nil {
			return nil, fmt.Errorf("monde: écrire l'annuaire: %w", err)
		}
	}
	return b.Bytes(), nil
}

// entrees are those of an insurer: one for its number alone, one for the cards of
// its convention, one for what is asked outside the hospital. ref: ROC §6.2
func (m *Monde) entrees(a *atelier, x *AMC, adresses map[string]Adresse) []entree {
	adresse := adresses[x.Cle]
	e := entree{
		ID: x.Cle, NumeroAMC: x.Numero, Debut: a.janvier(-3), Domaines: []roc.Domaine{roc.HospitalACE, roc.HospitalSejour},
		Libelle: x.Nom, Structure: x.IDNat, CalculLocal: x.CalculLocal, Validite: garde,
	}
	if x.Operateur != "" {
		e.Structure = ""
		e.Mandat = &mandat{ID: m.Operateur.Identifiant, Libelle: m.Operateur.Nom, Structure: m.Operateur.IDNat, Debut: a.janvier(-2)}
	}
	for _, s := range services {
		if s == roc.SIM && x.Simulation == "fermee" {
			continue
		}
		e.Points = append(e.Points, point{Service: s, Adresse: adresse.Base, Debut: e.Debut, Empreintes: adresse.Empreintes, Confidentiel: adresse.Confidentiel})
	}
	carte := e
	carte.ID, carte.TypeConvention, carte.CSR = x.Cle+"-carte", x.TypeConvention, x.MotifCSR
	ville := e
	ville.ID, ville.Domaines, ville.CalculLocal = x.Cle+"-ville", []roc.Domaine{roc.Pharmacie, roc.Laboratoire}, false
	factures := point{Service: roc.FAO, Adresse: adresse.Base, Debut: e.Debut, Empreintes: adresse.Empreintes, Confidentiel: adresse.Confidentiel}
	if d, dite := adresses[x.Depanneur]; dite && x.Depanneur != "" {
		adresse = d // the operator carries, and answers under mandate when the insurer is silent
		ville.Mandat = &mandat{ID: m.Operateur.Identifiant, Libelle: m.Operateur.Nom, Structure: m.Operateur.IDNat, Debut: a.janvier(-2)}
	}
	ville.Points = []point{{Service: roc.DLD, Adresse: adresse.Base, Debut: e.Debut, Empreintes: adresse.Empreintes}, factures}
	return []entree{e, carte, ville}
}

// refusantes are the entries that lead to a refusal of the directory.
func (m *Monde) refusantes(a *atelier, adresses map[string]Adresse) []entree {
	moulin := m.Assureur(CleMoulin)
	ferme := m.entrees(a, moulin, adresses)[0]
	ferme.ID, ferme.NumeroAMC, ferme.Fin, ferme.Libelle = "amc-close", a.amc(NumeroFerme), a.janvier(0)-1, "MUTUELLE DE LA PORTE-CLOSE (fictive)"
	un := m.entrees(a, moulin, adresses)[0]
	un.ID, un.NumeroAMC, un.Libelle = "amc-double-1", a.amc(NumeroAmbigu), "MUTUELLE DU DOUBLE-ÉCHO (fictive)"
	un.TypeConvention, un.CSR = "CM", "6?1"
	deux := un
	deux.ID, deux.CSR = "amc-double-2", "6??"
	return []entree{
		{ID: "amc-reprise", NumeroAMC: a.amc(NumeroRemplace), Debut: a.janvier(-1), Remplacante: moulin.Numero,
			Libelle: "MUTUELLE DU VIEUX-MOULIN, REPRISE (fictive)", Validite: garde},
		ferme, un, deux,
	}
}

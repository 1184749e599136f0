package charge

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// Rapport is the result of a run.
type Rapport struct {
	Date    time.Time      `json:"date"`
	Machine string         `json:"machine"`
	Coeurs  int            `json:"coeurs"`
	Go      string         `json:"go"`
	Mesures []mesureCharge `json:"mesures"`
	Ecarts  []ecartCharge  `json:"ecarts,omitempty"`
}

// mesureCharge is what was found of one server. Rates are medians of the rounds.
type mesureCharge struct {
	Service       roc.Service    `json:"service"`
	Face          string         `json:"face"`
	Base          string         `json:"base"`
	HTTP          string         `json:"http"`
	Cles          string         `json:"cles"`
	Connexions    int            `json:"connexions"`
	Emetteurs     int            `json:"emetteurs"`
	Relais        bool           `json:"relais"`
	Beneficiaires int            `json:"beneficiaires"`
	Debit         float64        `json:"echangesParSeconde"`
	Plafond       float64        `json:"plafondParSeconde"` // cryptography alone
	Rapport       float64        `json:"rapport"`           // of the two
	Etendue       float64        `json:"etendue"`           // of the rapport, from the least round to the best
	RapportCPU    float64        `json:"rapportCPU"`        // of processor times: insensitive to idleness
	Crypto        float64        `json:"cryptoMicrosecondes"`
	CPUClient     float64        `json:"cpuClientMicrosecondes"`
	CPUServeur    float64        `json:"cpuServeurMicrosecondes"`
	CPUBase       float64        `json:"cpuBaseMicrosecondes,omitempty"`
	Delais        delaisCharge   `json:"delaisMillisecondes"`
	Codes         map[string]int `json:"codes"`
	MemoireRepos  memoireCharge  `json:"memoireRepos"`
	MemoireChaude memoireCharge  `json:"memoirePremierPassage"`
	MemoireCharge memoireCharge  `json:"memoireFin"`
	Demi          *demiCharge    `json:"demi,omitempty"`
	Tours         []tourCharge   `json:"tours"`
}

type memoireCharge struct {
	Residente int64 `json:"residente"`
	Anonyme   int64 `json:"anonyme"`
}

// tourCharge is one round. Processor times are in microseconds by exchange.
type tourCharge struct {
	Echanges   int     `json:"echanges"`
	Debit      float64 `json:"echangesParSeconde"`
	Plafond    float64 `json:"plafondParSeconde"`
	Rapport    float64 `json:"rapport"`
	RapportCPU float64 `json:"rapportCPU"`
	Crypto     float64 `json:"cryptoMicrosecondes"`
	CPUClient  float64 `json:"cpuClientMicrosecondes"`
	CPUServeur float64 `json:"cpuServeurMicrosecondes"`
	CPUBase    float64 `json:"cpuBaseMicrosecondes,omitempty"`
}

// demiCharge is the delays at half of the peak, from the instant at which each
// question was due.
type demiCharge struct {
	Offert float64      `json:"offertParSeconde"`
	Servi  float64      `json:"serviParSeconde"`
	Delais delaisCharge `json:"delaisMillisecondes"`
}

// ecartCharge compares the second server with the first, in per cent; the spread
// is that of the rounds taken two by two.
type ecartCharge struct {
	De, A   string
	Debit   float64 `json:"debitPourCent"`
	CPU     float64 `json:"cpuServeurPourCent"`
	Etendue float64 `json:"etenduePourCent"`
}

func (m *mesureCharge) nom() string {
	return fmt.Sprintf("%d émetteurs, %d bénéficiaires", m.Emetteurs, m.Beneficiaires)
}

// resumer compares each server with the first, round by round.
func (r *Rapport) resumer() {
	for k := 1; k < len(r.Mesures); k++ {
		a, b := &r.Mesures[0], &r.Mesures[k]
		var debits, cpu []float64
		for i := range min(len(a.Tours), len(b.Tours)) {
			debits = append(debits, 100*(b.Tours[i].Rapport/a.Tours[i].Rapport-1))
			cpu = append(cpu, 100*(b.Tours[i].CPUServeur/b.Tours[i].Crypto/(a.Tours[i].CPUServeur/a.Tours[i].Crypto)-1))
		}
		r.Ecarts = append(r.Ecarts, ecartCharge{De: a.nom(), A: b.nom(), Debit: mediane(debits), CPU: mediane(cpu),
			Etendue: slices.Max(debits) - slices.Min(debits)})
	}
}

// Ecrire writes the report for a person.
func (r *Rapport) Ecrire(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %d cœurs, %s\n", r.Date.Format(time.DateTime), r.Machine, r.Coeurs, r.Go)
	for i := range r.Mesures {
		r.Mesures[i].ecrire(&b)
	}
	for _, e := range r.Ecarts {
		ecrireVirgules(&b, "\n%s → %s : débit %+.1f %%, temps du serveur %+.1f %% (étendue des tours %.1f points)\n", e.De, e.A, e.Debit, e.CPU, e.Etendue)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *mesureCharge) ecrire(b *strings.Builder) {
	voie := "direct"
	if m.Relais {
		voie = "derrière un relais"
	}
	fmt.Fprintf(b, "\n%s %s, %s, %s, %d connexions, %s (%s), clés %s\n", m.Service, m.Face, m.Base, m.HTTP, m.Connexions, m.nom(), voie, m.Cles)
	ecrireVirgules(b, "  débit           %8.0f échanges/s\n", m.Debit)
	ecrireVirgules(b, "  plafond         %8.0f échanges/s (cryptographie seule, %.0f µs)\n", m.Plafond, m.Crypto)
	ecrireVirgules(b, "  rapport         %8.1f %% (étendue %.1f), %.1f %% en temps de calcul\n", 100*m.Rapport, 100*m.Etendue, 100*m.RapportCPU)
	ecrireVirgules(b, "  temps de calcul %8.0f µs client, %.0f µs serveur", m.CPUClient, m.CPUServeur)
	if m.CPUBase > 0 {
		ecrireVirgules(b, ", %.0f µs base", m.CPUBase)
	}
	ecrireVirgules(b, "\n  délais          p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms\n", m.Delais.P50, m.Delais.P95, m.Delais.P99, m.Delais.Max)
	if d := m.Demi; d != nil {
		ecrireVirgules(b, "  à %4.0f/s       p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms (servi %.0f/s)\n", d.Offert, d.Delais.P50, d.Delais.P95, d.Delais.P99, d.Delais.Max, d.Servi)
	}
	ecrireVirgules(b, "  mémoire         %d Mo au repos, %d Mo après le premier passage, %d Mo à la fin\n", m.MemoireRepos.Residente>>20, m.MemoireChaude.Residente>>20, m.MemoireCharge.Residente>>20)
	b.WriteString("  codes          ")
	for _, c := range slices.Sorted(maps.Keys(m.Codes)) {
		ecrireVirgules(b, " %s %d", c, m.Codes[c])
	}
	b.WriteString("\n")
}

var pointDecimal = regexp.MustCompile(`(\d)\.(\d)`)

// ecrireVirgules writes numbers with the comma that people read.
func ecrireVirgules(b *strings.Builder, format string, a ...any) {
	b.WriteString(pointDecimal.ReplaceAllString(fmt.Sprintf(format, a...), "$1,$2"))
}

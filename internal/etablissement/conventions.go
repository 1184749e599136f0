package etablissement

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Conventions is the static table of the partners that are not on line: dated
// data, which a person edits. ref: DEC 28, ROC §6
type Conventions struct {
	Voies       []Voie       `toml:"voie" comment:"Par où part la facture électronique"`
	Conventions []Convention `toml:"convention" comment:"Une convention, entre deux dates"`
}

// Transport names how an invoice leaves.
type Transport string

// The ways. TransportROC is the exchange itself: an insurer may take invoices
// there and answer nothing else yet.
const (
	TransportROC   Transport = "roc"
	TransportHTTPS Transport = "https"
	TransportDepot Transport = "depot"
)

// Forme is what an invoice is written as.
type Forme string

// The forms.
const (
	FormeDRE Forme = "DRE"
	FormeB2  Forme = "B2"
)

// Voie is a way that conventions share.
type Voie struct {
	Nom       string    `toml:"nom" comment:"Nom, cité par les conventions"`
	Transport Transport `toml:"transport" comment:"roc, https ou depot"`
	Forme     Forme     `toml:"forme" comment:"DRE ou B2 ; DRE seulement par roc"`
	Adresse   string    `toml:"adresse" comment:"https : l'adresse ; depot : le dossier, sous envois/"`
}

// Code is the way in one word, as it is kept with an invoice: what is on its way
// does not change with the table.
func (v *Voie) Code() string {
	return string(v.Transport) + ":" + string(v.Forme) + ":" + v.Adresse
}

// ParseVoie reads what Code wrote; "" is the exchange.
func ParseVoie(s string) (*Voie, error) {
	if s == "" {
		return &Voie{Transport: TransportROC, Forme: FormeDRE}, nil
	}
	transport, reste, ok := strings.Cut(s, ":")
	forme, adresse, ok2 := strings.Cut(reste, ":")
	v := &Voie{Nom: "voie", Transport: Transport(transport), Forme: Forme(forme), Adresse: adresse}
	if !ok || !ok2 {
		return nil, fmt.Errorf("etablissement: voie illisible")
	}
	return v, v.verifier()
}

// Convention is one agreement: whose cards, when, what it pays and where the
// invoice goes.
type Convention struct {
	ID                string             `toml:"id" comment:"Repère, 40 caractères au plus"`
	NumeroAMC         sante.NumeroAMC    `toml:"numero-amc" comment:"Numéro d'AMC de la carte"`
	TypeConvention    string             `toml:"type-convention" comment:"Type de convention de la carte ; tous si vide"`
	CSR               string             `toml:"csr" comment:"Critère secondaire de routage, ? pour un caractère ; tous si vide"`
	Domaines          []roc.Domaine      `toml:"domaines" comment:"HOSP-ACE, HOSP-SEJ ; les deux si vide"`
	Debut             sante.Jour         `toml:"debut" comment:"Premier jour des soins, entre guillemets"`
	Fin               sante.Jour         `toml:"fin" comment:"Dernier jour ; sans fin si vide"`
	ApresInterruption bool               `toml:"apres-interruption" comment:"Des jours sans convention précèdent, et c'est voulu"`
	Prioritaire       bool               `toml:"prioritaire" comment:"Vaut sans demander à l'Annuaire si l'AMC est en ligne"`
	Libelle           string             `toml:"libelle" comment:"Nom de l'AMC, 60 caractères au plus"`
	Voie              string             `toml:"voie" comment:"Nom de la voie de ses factures"`
	TypeContrat       calcul.TypeContrat `toml:"type-contrat" comment:"INDIV, COLLECTIF, CSS ou CSS_PARTICIP"`
	Responsable       bool               `toml:"responsable" comment:"Contrat responsable"`
	Garanties         []calcul.Garantie  `toml:"garantie" comment:"Formule par famille de prestations, comme dans un contrat"`
	Exclusions        []calcul.Exclusion `toml:"exclusion" comment:"Ce qui n'est jamais payé"`
}

// Bounds of the table.
const (
	conventionsMax = 5000
	voiesMax       = 500
)

// Faute is a mistake of the table, with the name of its key.
type Faute struct{ Champ, Detail string }

// Error is the key and what is wrong.
func (f *Faute) Error() string { return f.Champ + " : " + f.Detail }

// Verifier tells all that is wrong in the table, each a *[Faute]: two conventions
// that could serve the same card the same day, days that nothing covers between two
// periods of one, formulas without their parameters, ways that lead nowhere.
func (t *Conventions) Verifier() error {
	if len(t.Conventions) > conventionsMax || len(t.Voies) > voiesMax {
		return &Faute{"convention", fmt.Sprintf("plus de %d conventions ou de %d voies", conventionsMax, voiesMax)}
	}
	var fautes []error
	dire := func(champ string, err error) {
		if err != nil {
			fautes = append(fautes, &Faute{champ, err.Error()})
		}
	}
	noms := map[string]bool{}
	for i := range t.Voies {
		v, champ := &t.Voies[i], fmt.Sprintf("voie[%d]", i+1)
		if noms[v.Nom] {
			dire(champ+".nom", errors.New("déjà décrite"))
		}
		noms[v.Nom] = true
		dire(champ, v.verifier())
	}
	ids := map[string]bool{}
	for i := range t.Conventions {
		k, champ := &t.Conventions[i], fmt.Sprintf("convention[%d]", i+1)
		switch {
		case ids[k.ID]:
			dire(champ+".id", errors.New("déjà décrite"))
		case !noms[k.Voie]:
			dire(champ+".voie", errors.New("aucune voie de ce nom dans la table"))
		}
		ids[k.ID] = true
		dire(champ, k.verifier())
	}
	t.verifierSuites(dire)
	return errors.Join(fautes...)
}

func (v *Voie) verifier() error {
	u, err := url.Parse(v.Adresse)
	switch {
	case v.Nom == "" || len(v.Nom) > 40:
		return errors.New("nom de 1 à 40 caractères attendu")
	case v.Forme != FormeDRE && v.Forme != FormeB2:
		return errors.New("forme DRE ou B2 attendue")
	case len(v.Adresse) > 250:
		return errors.New("adresse de plus de 250 caractères")
	}
	switch v.Transport {
	case TransportROC:
		if v.Forme != FormeDRE || v.Adresse != "" {
			return errors.New("par roc, la forme est DRE et l'Annuaire donne l'adresse")
		}
	case TransportHTTPS:
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			return errors.New("adresse https attendue")
		}
	case TransportDepot:
		if !filepath.IsLocal(v.Adresse) || v.Adresse == "." || strings.HasPrefix(filepath.Base(v.Adresse), ".") || !imprimable(v.Adresse) {
			return errors.New("nom de dossier attendu, sous envois/")
		}
	default:
		return errors.New("transport roc, https ou depot attendu")
	}
	return nil
}

func imprimable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' })
}

func (k *Convention) verifier() error {
	switch {
	case k.ID == "" || len(k.ID) > 40 || !imprimable(k.ID):
		return errors.New("id de 1 à 40 caractères attendu, sans espace ni accent")
	case k.NumeroAMC.IsZero():
		return errors.New("numero-amc attendu")
	case !graphique(k.TypeConvention, 2) || !graphique(strings.ReplaceAll(k.CSR, "?", "0"), 15):
		return errors.New("type de convention de 2 caractères et CSR de 15 caractères au plus, lettres et chiffres")
	case k.CSR != "" && k.TypeConvention == "":
		return errors.New("un CSR ne vaut que pour un type de convention")
	case k.Debut.IsZero():
		return errors.New("debut attendu")
	case !k.Fin.IsZero() && k.Fin < k.Debut:
		return errors.New("la fin précède le début")
	case k.Libelle == "" || len([]rune(k.Libelle)) > 60:
		return errors.New("libelle de 1 à 60 caractères attendu")
	case len(k.Garanties) == 0:
		return errors.New("au moins une garantie attendue")
	}
	for _, d := range k.Domaines {
		if d != roc.HospitalACE && d != roc.HospitalSejour {
			return errors.New("domaine HOSP-ACE ou HOSP-SEJ attendu")
		}
	}
	return k.contrat().Verifier()
}

// verifierSuites compares the conventions of each insurer.
func (t *Conventions) verifierSuites(dire func(string, error)) {
	ordre := make([]int, len(t.Conventions))
	for i := range ordre {
		ordre[i] = i
	}
	slices.SortStableFunc(ordre, func(i, j int) int {
		a, b := &t.Conventions[i], &t.Conventions[j]
		return cmp.Or(strings.Compare(a.NumeroAMC.String(), b.NumeroAMC.String()), cmp.Compare(a.Debut, b.Debut))
	})
	for n, i := range ordre {
		b, champ := &t.Conventions[i], fmt.Sprintf("convention[%d]", i+1)
		var avant *Convention
		for _, j := range slices.Backward(ordre[:n]) {
			a := &t.Conventions[j]
			if a.NumeroAMC != b.NumeroAMC {
				break
			}
			if a.confond(b) {
				dire(champ, fmt.Errorf("ambiguë avec %s : elles valent toutes deux pour une même carte le même jour", a.ID))
			}
			if a.memeCle(b) && a.Debut < b.Debut && (avant == nil || a.fin() > avant.fin()) {
				avant = a
			}
		}
		if avant != nil && avant.fin()+1 < b.Debut && !b.ApresInterruption {
			dire(champ+".debut", fmt.Errorf("aucune convention entre la fin de %s et ce jour : le dire voulu avec apres-interruption = true", avant.ID))
		}
	}
}

func (k *Convention) fin() sante.Jour {
	if k.Fin.IsZero() {
		return finDeConvention
	}
	return k.Fin
}

func (k *Convention) memeCle(b *Convention) bool {
	return k.TypeConvention == b.TypeConvention && k.CSR == b.CSR && k.memeDomaine(b)
}

func (k *Convention) memeDomaine(b *Convention) bool {
	return len(k.Domaines) == 0 || len(b.Domaines) == 0 ||
		slices.ContainsFunc(k.Domaines, func(d roc.Domaine) bool { return slices.Contains(b.Domaines, d) })
}

// confond tells whether two conventions of one insurer could serve the same card
// the same day with the same precision: no rule would choose. ref: ROC §6.2
func (k *Convention) confond(b *Convention) bool {
	if k.TypeConvention != b.TypeConvention || (k.CSR == "") != (b.CSR == "") || !k.memeDomaine(b) || k.Debut > b.fin() || b.Debut > k.fin() {
		return false
	}
	if k.CSR == b.CSR {
		return true
	}
	if len(k.CSR) != len(b.CSR) || litteral(k.CSR) != litteral(b.CSR) || !strings.Contains(k.CSR+b.CSR, "?") {
		return false
	}
	if !strings.Contains(k.CSR, "?") || !strings.Contains(b.CSR, "?") {
		return false // a whole criterion goes before a pattern
	}
	for i := range len(k.CSR) {
		if k.CSR[i] != b.CSR[i] && k.CSR[i] != '?' && b.CSR[i] != '?' {
			return false
		}
	}
	return true
}

// litteral is the length of the beginning of a criterion without wildcard.
func litteral(csr string) int {
	n, _, _ := strings.Cut(csr, "?")
	return len(n)
}

// precision ranks how closely a convention matches a card, as the Annuaire does:
// the type, then the criterion, the longest literal beginning first. ref: ROC §6.2
func (k *Convention) precision(a *Attestation) (rang int, ok bool) {
	switch {
	case k.TypeConvention == "":
		return 0, true
	case k.TypeConvention != a.TypeConvention:
		return 0, false
	case k.CSR == "":
		return 1, true
	case k.CSR == a.CSR:
		return 1000, true
	case len(k.CSR) != len(a.CSR):
		return 0, false
	}
	for i := range len(k.CSR) {
		if k.CSR[i] != '?' && k.CSR[i] != a.CSR[i] {
			return 0, false
		}
	}
	return 2 + litteral(k.CSR), true
}

// chercher gives the convention of a card at a day, and false when two share the
// first rank.
func (t *Conventions) chercher(a *Attestation, d roc.Domaine, j sante.Jour) (trouvee *Convention, seule bool) {
	if t == nil {
		return nil, false
	}
	meilleur := -1
	for i := range t.Conventions {
		k := &t.Conventions[i]
		if k.NumeroAMC != a.NumeroAMC || j < k.Debut || j > k.fin() || len(k.Domaines) > 0 && !slices.Contains(k.Domaines, d) {
			continue
		}
		switch rang, ok := k.precision(a); {
		case !ok || rang < meilleur:
		case rang == meilleur:
			seule = false
		default:
			trouvee, seule, meilleur = k, true, rang
		}
	}
	return trouvee, seule
}

// voie is the way of a convention, which Verifier made sure of.
func (t *Conventions) voie(k *Convention) *Voie {
	if t != nil {
		for i := range t.Voies {
			if t.Voies[i].Nom == k.Voie {
				return &t.Voies[i]
			}
		}
	}
	return &Voie{Transport: TransportROC, Forme: FormeDRE}
}

// Concerne tells whether the table names an insurer.
func (t *Conventions) Concerne(n sante.NumeroAMC) bool {
	return t != nil && slices.ContainsFunc(t.Conventions, func(k Convention) bool { return k.NumeroAMC == n })
}

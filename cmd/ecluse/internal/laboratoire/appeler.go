package laboratoire

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	pupitrefront "github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/roc"
)

// appel is what a person needs to call a laboratory by hand: files written for him,
// and addresses.
type appel struct {
	programme  string // this one
	racines    string // the authorities, in one file
	question   string // an IDB, not sealed
	exchange   string // base address of the insurer's listener
	cachet     config.Cle
	curl       string // mutual TLS
	api, jeton string
	labo       string // directory of the hospital

	finess, chezES string // the hospital, and its configuration
	amc, chezAMC   string // the insurer asked, and its own
}

// preparerAppel writes in the directory of the first hospital what the commands
// shown take: the authorities, and a question of today.
func preparerAppel(p *serveur.Processus, t *temoin) (*appel, error) {
	f := &p.Fichier.Etablissements[0]
	dir, err := filepath.Abs(filepath.Dir(p.Fichier.Chemin))
	if err != nil {
		return nil, err
	}
	chemin := func(s string) string { return filepath.Join(dir, s) }
	a := &appel{labo: dir, finess: f.Finess, chezES: chemin(filepath.Base(p.Fichier.Chemin)), racines: chemin("appeler/autorites.pem"), question: chemin("appeler/idb.json"), api: f.API.Adresse, jeton: chemin(f.API.Jeton),
		cachet: config.Cle{Certificat: chemin(f.Identite.Cachet.Certificat), Cle: chemin(f.Identite.Cachet.Cle)}}
	if a.programme, err = os.Executable(); err != nil {
		return nil, err
	}
	a.curl = fmt.Sprintf("curl -sS --cacert %s --cert %s --key %s", mot(a.racines),
		mot(chemin(f.Identite.Authentification.Certificat)), mot(chemin(f.Identite.Authentification.Cle)))
	question, amc, err := questionDuJour(t, f)
	if err != nil {
		return nil, err
	}
	lui := celleQuiSert(t, amc)
	if lui == nil {
		return nil, fmt.Errorf("l'AMC %s n'est pas servie ici", amc)
	}
	a.amc, a.exchange = amc, lui.Fichier.AdressePublique()
	if a.chezAMC, err = filepath.Abs(lui.Fichier.Chemin); err != nil {
		return nil, err
	}
	racines, err := autorites(p.Fichier.Resoudre(p.Fichier.Confiance.Autorites))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(chemin("appeler"), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(a.racines, racines, 0o644); err != nil {
		return nil, err
	}
	return a, os.WriteFile(a.question, append(question, '\n'), 0o600)
}

// autorites are the authorities of a trust directory, one after another.
func autorites(dir string) ([]byte, error) {
	var b []byte
	for _, sous := range []string{"racines", "intermediaires"} {
		l, err := filepath.Glob(filepath.Join(dir, sous, "*.pem"))
		if err != nil {
			return nil, err
		}
		for _, f := range l {
			x, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			b = append(b, x...)
		}
	}
	return b, nil
}

// questionDuJour is an IDB of the first story of a hospital, not sealed, and the
// insurer that it is for.
func questionDuJour(t *temoin, f *config.Etablissement) (question []byte, amc string, err error) {
	histoires, err := t.monde.Histoires()
	if err != nil {
		return nil, "", err
	}
	for i := range histoires {
		h := &histoires[i]
		if h.Etablissement.Finess.String() != f.Finess || h.Etablissement.Relais != "" {
			continue
		}
		a := t.monde.Assureur(h.Patient.Couverture(1).AMC)
		m := &roc.Message[roc.DemandeIDB]{Corps: &roc.DemandeIDB{Entete: t.monde.Entete(h, 1)}, Enveloppe: roc.Enveloppe{
			NormeVersion: roc.Profil, Service: roc.IDB, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(),
			IDDossierES: "ESSAI-CURL", Horodatage: t.horloge().UTC(), Environnement: roc.Test,
			Emetteur:     roc.Partie{Type: roc.ES, ID: f.Finess, FinessGeo: h.Etablissement.FinessGeo},
			Destinataire: roc.Partie{Type: roc.AMC, ID: a.Identifiant}}}
		return roc.EchangeIDB.Demande.AppendJSON(nil, m), a.Identifiant, nil
	}
	return nil, "", fmt.Errorf("aucune histoire de l'établissement %s", f.Finess)
}

// celleQuiSert is the process where an insurer answers in the laboratory.
func celleQuiSert(t *temoin, amc string) *serveur.Processus {
	for _, q := range t.tous {
		for i := range q.Fichier.AMC {
			if q.Fichier.AMC[i].Numero == amc {
				return q
			}
		}
	}
	return nil
}

// mot writes a path as one word of a shell.
func mot(s string) string {
	if !strings.ContainsAny(s, " \t'\"\\$&|;<>()*?[]#~`!{}") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// rubriques tells how to call a laboratory without the desk. Every command runs as
// it is written, while the laboratory does.
func rubriques(p *serveur.Processus, t *temoin) []pupitrefront.Rubrique {
	if len(p.Fichier.Etablissements) == 0 {
		return nil
	}
	a, err := preparerAppel(p, t)
	if err != nil {
		return []pupitrefront.Rubrique{{Titre: "Appeler le laboratoire", Paragraphes: []string{"Les fichiers d'exemple n'ont pu être écrits : " + francais.Traduire(err) + "."}}}
	}
	sceller := fmt.Sprintf("%s sceau signer --maintenant --certificat %s --cle %s", mot(a.programme), mot(a.cachet.Certificat), mot(a.cachet.Cle))
	l := []pupitrefront.Rubrique{
		{Titre: "L'API locale de l'établissement", Paragraphes: []string{"Celle du logiciel de facturation : venues, droits, simulations, calculs, annulations."},
			Blocs: []pupitrefront.Bloc{{Legende: "Lister les venues", Texte: fmt.Sprintf(`curl -sS -H "Authorization: Bearer $(cat %s)" http://%s/v1/venues`, mot(a.jeton), a.api)},
				{Legende: "Sa description", Texte: fmt.Sprintf("curl -sS http://%s/v1/openapi.json", a.api)}}},
		{Titre: "L'échange, avec curl", Paragraphes: []string{"TLS mutuel par le certificat d'authentification ; chaque message scellé par le cachet. La question est prête, non scellée : " + a.question + "."},
			Blocs: []pupitrefront.Bloc{
				{Legende: "Une question REST, scellée et envoyée", Texte: fmt.Sprintf("%s %s |\n  %s -H 'Content-Type: application/json' --data-binary @- %s%s",
					sceller, mot(a.question), a.curl, a.exchange, roc.IDB.Chemin())},
				{Legende: "La même en SOAP", Texte: fmt.Sprintf("%s --forme soap %s |\n  %s -H 'Content-Type: application/soap+xml' --data-binary @- %s%s",
					sceller, mot(a.question), a.curl, a.exchange, roc.CheminSOAP)},
				{Legende: "La description SOAP", Texte: fmt.Sprintf("%s '%s%s?wsdl'", a.curl, a.exchange, roc.CheminSOAP)},
				{Legende: "La description REST", Texte: fmt.Sprintf("%s %s/v1/roc/openapi.json", a.curl, a.exchange)}}},
		{Titre: "De la facture à l'argent", Paragraphes: []string{"Les livres de chacun, tels que l'histoire les a laissés."},
			Blocs: []pupitrefront.Bloc{
				{Legende: "Chez l'AMC, ce qui est payé", Texte: fmt.Sprintf("%s factures lister --config %s --amc %s --finess %s --etat paye", mot(a.programme), mot(a.chezAMC), a.amc, a.finess)},
				{Legende: "Chez l'établissement, la journée par AMC", Texte: fmt.Sprintf("%s cloture --config %s --finess %s", mot(a.programme), mot(a.chezES), a.finess)},
				{Legende: "Chez le comptable, ce que chacun doit encore", Texte: fmt.Sprintf("%s comptable balance --config %s", mot(a.programme), mot(a.chezES))},
				{Legende: "Ce que personne n'a pu livrer", Texte: fmt.Sprintf("%s envois lister --config %s", mot(a.programme), mot(a.chezES))},
			}},
		{Titre: "Les droits en ville, chez l'AMC", Paragraphes: []string{"Ce que les pharmacies demandent et facturent, et qui le signe."},
			Blocs: []pupitrefront.Bloc{
				{Legende: "Les clés qui signent, jusqu'à quand", Texte: fmt.Sprintf("%s droits cles --config %s --amc %s", mot(a.programme), mot(a.chezAMC), a.amc)},
				{Legende: "Ce que les postes en disent", Texte: fmt.Sprintf("%s droits indicateurs --config %s --amc %s", mot(a.programme), mot(a.chezAMC), a.amc)},
				{Legende: "Les factures d'une pharmacie", Texte: fmt.Sprintf("%s officines lister --config %s --amc %s --ps %s", mot(a.programme), mot(a.chezAMC), a.amc, pharmaciesLabo()[0].numero)},
			}},
		{Titre: "Un client ordinaire", Paragraphes: []string{"Des exemples entiers, en zeep, npm soap, curl et openssl, sont dans clients/ ; les lancer depuis les sources d'Écluse."},
			Blocs: []pupitrefront.Bloc{
				{Legende: "IDB, CLC puis DEL, avec curl (bash, python3)", Texte: fmt.Sprintf("LABO=%s BASE=%s ECLUSE=%s clients/curl/parcours.sh", mot(a.labo), a.exchange, mot(a.programme))},
			}},
	}
	return slices.Insert(l, len(l)-1, rubriqueDescriptions(p)...)
}

// rubriqueDescriptions tells where a process publishes what it serves, nothing when it does not.
func rubriqueDescriptions(p *serveur.Processus) []pupitrefront.Rubrique {
	liens := p.LiensDescriptions()
	if len(liens) == 0 {
		return nil
	}
	x := pupitrefront.Rubrique{Titre: "Les descriptions, pour qui écrit un logiciel",
		Paragraphes: []string{"Lisibles sans certificat, chacune à part : ce qui nomme un patient et ce qui est délivré ne se disent jamais dans le même message."}}
	for _, l := range liens {
		x.Liens = append(x.Liens, pupitrefront.Lien{Libelle: l.Libelle, Adresse: l.Adresse})
	}
	return []pupitrefront.Rubrique{x}
}

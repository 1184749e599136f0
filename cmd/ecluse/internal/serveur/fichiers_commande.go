package serveur

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/internal/acheminement/https"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
)

// Rapport is what is said of a return file, in JSON.
type Rapport struct {
	Fichier    string                       `json:"fichier"`
	Empreinte  string                       `json:"empreinte"`
	Reference  string                       `json:"reference,omitempty"`
	AMC        string                       `json:"amc,omitempty"`
	Remis      string                       `json:"remis"`
	Preuve     string                       `json:"preuve"` // always: not sealed
	Etat       string                       `json:"etat"`
	Code       string                       `json:"code,omitempty"`
	DejaLu     bool                         `json:"dejaLu"`
	Chargees   int                          `json:"chargees"`
	Montant    string                       `json:"montant"`
	Refusees   int                          `json:"refusees"`
	Refus      []etablissement.RefusFichier `json:"refus,omitempty"`
	NonDetails int                          `json:"refusNonDetailles,omitempty"`
}

// RapportDe says what became of a file that was received.
func RapportDe(f *etablissement.FichierRecu) Rapport {
	return Rapport{Fichier: f.Nom, Empreinte: hex.EncodeToString(f.Empreinte[:]), Reference: f.Reference, AMC: f.AMC, Remis: f.Remis,
		Preuve: etablissement.NonScelle, Etat: string(f.Etat), Code: f.Code, DejaLu: f.DejaLu, Chargees: f.Chargees, Montant: f.Montant.String(),
		Refusees: f.Refusees, Refus: f.Refus, NonDetails: f.Refusees - len(f.Refus)}
}

// EcrireRapport tells a report to a person.
func EcrireRapport(w io.Writer, f *etablissement.FichierRecu) {
	switch {
	case f.DejaLu:
		fmt.Fprintf(w, "%s : déjà lu, rien n'est changé.\n", f.Nom)
	case f.Etat == etablissement.FichierRefuse && f.Chargees == 0:
		fmt.Fprintf(w, "%s : refusé, %s. Rien n'en est chargé.\n", f.Nom, f.Code)
	case f.Etat == etablissement.FichierRefuse:
		fmt.Fprintf(w, "%s : refusé en cours de lecture, %s ; %s auparavant, %s.\n", f.Nom, f.Code,
			francais.Accorder(f.Chargees, "facture chargée", "factures chargées"), f.Montant.Euros())
	default:
		fmt.Fprintf(w, "%s : %s de l'AMC %s, %s, %s ; %s.\n", f.Nom, f.Reference, f.AMC,
			francais.Accorder(f.Chargees, "facture chargée", "factures chargées"), f.Montant.Euros(), francais.Accorder(f.Refusees, "refusée", "refusées"))
	}
	for _, r := range f.Refus {
		fmt.Fprintf(w, "  %s", r.Code)
		if r.Facture != "" {
			fmt.Fprintf(w, " facture %s", r.Facture)
		}
		if r.Ligne > 0 {
			fmt.Fprintf(w, ", ligne %d", r.Ligne)
		}
		if r.Numero > 0 {
			fmt.Fprintf(w, ", entité n° %d", r.Numero)
		}
		if r.Entite != "" {
			fmt.Fprintf(w, " (type %s)", r.Entite)
		}
		if r.Champ != "" {
			fmt.Fprintf(w, ", zone « %s »", r.Champ)
		}
		fmt.Fprintf(w, " : %s\n", r.Motif)
	}
	if n := f.Refusees - len(f.Refus); n > 0 {
		fmt.Fprintf(w, "  et %s, non détaillés.\n", francais.Accorder(n, "autre refus", "autres refus"))
	}
	if !f.DejaLu && f.Chargees > 0 {
		fmt.Fprintf(w, "  Preuve : %s (%s).\n", etablissement.NonScelle, f.Jeton())
	}
}

// LireUnRetour reads one NOEMIE file into the books of a hospital, given by a command.
func LireUnRetour(ctx context.Context, p *Processus, s *etablissement.Service, chemin string) (*etablissement.FichierRecu, error) {
	f, nom, err := ouvrirARelire(chemin)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only
	return s.LireRetours(ctx, f, etablissement.Provenance{Nom: nom, Remis: "commande de l'exploitant", Production: p.Fichier.Environnement == "P"})
}

// ListerEnvois tells what waits in the drop folders.
func (p *Processus) ListerEnvois(w io.Writer, tenant string, retires map[string]bool) {
	for _, f := range p.fichiersDes(tenant) {
		racine := filepath.Join(p.dossierFichiers(tenant, f), DossierEnvois)
		dossiers, _ := os.ReadDir(racine) // nothing was dropped yet
		for _, d := range dossiers {
			l, _ := os.ReadDir(filepath.Join(racine, d.Name()))
			for _, x := range l {
				if i, err := x.Info(); err == nil && i.Mode().IsRegular() && x.Name()[0] != '.' && !retires[d.Name()+"/"+x.Name()] {
					fmt.Fprintf(w, "%s\t%s\tdéposé\t%s\t%d octets\t\t\t%s\n", tenant, d.Name(), x.Name(), i.Size(), i.ModTime().UTC().Format(time.RFC3339))
				}
			}
		}
	}
}

func (p *Processus) fichiersDes(tenant string) (l []*config.Fichiers) {
	for i := range p.Fichier.Etablissements {
		if e := &p.Fichier.Etablissements[i]; TenantEtablissement(e.Finess) == tenant {
			l = append(l, &e.Fichiers)
		}
	}
	for i := range p.Fichier.AMC {
		if a := &p.Fichier.AMC[i]; TenantAMC(a.Numero) == tenant {
			l = append(l, &a.Fichiers)
		}
	}
	return l
}

// ClientFichiers shows the certificate of a party.
func (p *Processus) ClientFichiers(ctx context.Context, locataire string) (*https.Client, error) {
	var id *config.Identite
	n := 0
	for i := range p.Fichier.Etablissements {
		if e := &p.Fichier.Etablissements[i]; locataire == "" || locataire == TenantEtablissement(e.Finess) {
			id, n = &e.Identite, n+1
		}
	}
	for i := range p.Fichier.AMC {
		if a := &p.Fichier.AMC[i]; locataire == "" || locataire == TenantAMC(a.Numero) {
			id, n = &a.Identite, n+1
		}
	}
	if n != 1 {
		return nil, errors.New("--locataire : dire laquelle des parties de cette configuration présente son certificat")
	}
	if err := p.ouvrirConfiance(ctx); err != nil {
		return nil, err
	}
	auth, err := p.paire(id.Authentification)
	if err != nil {
		return nil, fmt.Errorf("authentification : %w", err)
	}
	return &https.Client{Aller: roc.NewTransport(auth, p.Magasin, p.Horloge), Seuil: morceauFichier, Morceau: morceauFichier}, nil
}

// ouvrirARelire opens a file that is read twice; the standard input is kept aside
// first, unseen.
func ouvrirARelire(chemin string) (*os.File, string, error) {
	if chemin != "-" {
		f, err := os.Open(chemin)
		return f, filepath.Base(chemin), err
	}
	f, err := os.CreateTemp("", "ecluse-fichier-")
	if err != nil {
		return nil, "", err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, "", errors.Join(err, f.Close())
	}
	if _, err := io.Copy(f, os.Stdin); err != nil {
		return nil, "", errors.Join(err, f.Close())
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, "entrée", err
}

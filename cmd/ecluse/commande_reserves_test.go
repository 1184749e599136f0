package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/roc"
)

// A return without effect is listed with its invoice, who acts and what to do; a person
// settles it with a reason, which the journal keeps.
func TestCommandeReserves(t *testing.T) {
	dir := t.TempDir()
	if _, err := lancer("quickstart", "--ports-libres", dir); err != nil {
		t.Fatal(err)
	}
	chemin := filepath.Join(dir, "ecluse.toml")
	const finess = "990001018"
	r := etablissement.Reserve{IDMessage: roc.NouvelUUID(), Rang: 1, Instant: et.Midi, Retour: "R-1", AMC: "99000101", Nature: roc.RetourPaiement, Facture: "FA-1",
		Lot: "000000001", Etat: roc.FacturePayee, Code: roc.Accepte, Montant: 795, Virement: "VIR-1", Cause: etablissement.PaiementManquant}
	ouvrir := func(f func(p *serveur.Processus, s *etablissement.Service)) {
		t.Helper()
		fichier, err := config.Lire(chemin)
		if err != nil {
			t.Fatal(err)
		}
		p, err := serveur.OuvrirPourCommande(context.Background(), fichier)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Fermer()
		s, err := p.ServiceDuLocataire(serveur.TenantEtablissement(finess))
		if err != nil {
			t.Fatal(err)
		}
		f(p, s)
	}
	ouvrir(func(_ *serveur.Processus, s *etablissement.Service) {
		if err := s.Reserves.PoserReserves(context.Background(), []etablissement.Reserve{r}); err != nil {
			t.Fatal(err)
		}
	})
	s, err := lancer("reserves", "lister", "--config", chemin)
	for _, attendu := range []string{"FA-1", "R-1", "VIR-1", "7,95", "un paiement antérieur manque", "le service de facturation", "Demander à l'AMC le retour qui manque", r.Cle(), "1 réserve\n", "0 réserve\n"} {
		if err != nil || !strings.Contains(s, attendu) {
			t.Errorf("liste sans %q, %v :\n%s", attendu, err, s)
		}
	}
	if s, err := lancer("cloture", "--config", chemin, "--finess", finess); err != nil || !strings.Contains(s, "1 retour de facture d'AMC sans effet") {
		t.Errorf("clôture : %s, %v", s, err)
	}
	for nom, args := range map[string][]string{
		"clé illisible": {"--cle", "zut", "--motif", "vu"}, "motif vide": {"--cle", r.Cle(), "--motif", " "},
		"un NIR": {"--cle", r.Cle(), "--motif", "269054958815780"}, "inconnue": {"--cle", roc.NouvelUUID().String(), "--motif", "vu"},
		"d'un autre établissement": {"--cle", r.Cle(), "--motif", "vu", "--finess", "990002016"},
	} {
		if s, err := lancer(append([]string{"reserves", "lever", "--config", chemin}, args...)...); err == nil {
			t.Errorf("%s : levée : %s", nom, s)
		}
	}
	if s, err := lancer("reserves", "lever", "--config", chemin, "--cle", r.Cle(), "--motif", "retour reçu depuis", "--par", "agent-7"); err != nil || !strings.Contains(s, "FA-1 est levée") {
		t.Errorf("levée : %s, %v", s, err)
	}
	if s, err := lancer("reserves", "lister", "--config", chemin, "--levees", "--facture", "FA-1"); err != nil || !strings.Contains(s, "par agent-7 : retour reçu depuis") {
		t.Errorf("levées : %s, %v", s, err)
	}
	ouvrir(func(p *serveur.Processus, _ *etablissement.Service) {
		l, err := p.Journaux()[serveur.TenantEtablissement(finess)].Trouver(context.Background(), journal.Critere{IDMessage: "reserve-" + r.Cle()})
		if err != nil || len(l) != 1 {
			t.Errorf("journal : %+v, %v", l, err)
		}
		if l, err := p.Journaux()[serveur.TenantEtablissement(finess)].Trouver(context.Background(), journal.Critere{IDMessage: r.IDMessage.String()}); err != nil || len(l) != 0 {
			t.Errorf("la levée passe pour le retour : %+v, %v", l, err)
		}
	})
}

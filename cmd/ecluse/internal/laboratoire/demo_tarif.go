package laboratoire

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/monde"
	tariflocal "github.com/ecluse-sante/ecluse/internal/tarif/local"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// The fine side of the laboratory: a third party and a pricing service, each alone, and
// the pharmacies whose cards they know.
const (
	cleTiers, cleTarif = "tiers", "tarif"
	numeroTiers        = "99009901"
	seuilLabo          = 2 // the world has a few dozens of persons
)

// specifiquesLabo are the prestations that the insurers of the world have priced on line.
var specifiquesLabo = []string{"VER", "MON"}

// pharmacieLabo is a pharmacy of the world, and its pharmacist.
type pharmacieLabo struct {
	cle, numero, structure, rpps, nom string
}

func pharmaciesLabo() []pharmacieLabo {
	return []pharmacieLabo{
		{"officine-tilleuls", "752000012", "2999101504", "99900112204", "TILLEUL"},
		{"officine-saules", "752000020", "2999101603", "99900112212", "SAULE"},
	}
}

func (l *Laboratoire) structuresFines() (tiers, tarif *monde.Structure) {
	d := l.Monde.Relais.Departement
	return &monde.Structure{Cle: cleTiers, Nom: "TIERS DE CONFIANCE DES DEUX-RIVES (fictif)", IDNat: "2999101306", Identifiant: numeroTiers, Departement: d},
		&monde.Structure{Cle: cleTarif, Nom: "TARIFICATION DES TROIS-PONTS (fictive)", IDNat: "2999101405", Identifiant: "TARIF", Departement: d}
}

// tarifer adds the fine side to the parties of a laboratory: each knows the others by what
// lists will tell.
func (s *Scene) tarifer(ctx context.Context, plans []*plan, relais *plan) ([]*plan, error) {
	tiers, prix := s.structuresFines()
	pt := &plan{cle: cleTiers, titre: tiers.Nom, c: s.Base(), peupler: true}
	pp := &plan{cle: cleTarif, titre: prix.Nom, c: s.Base(), peupler: true}
	identites := map[*plan]config.Identite{}
	for p, x := range map[*plan]*monde.Structure{pt: tiers, pp: prix} {
		if err := s.Serveur(ctx, s.repertoire(x.Cle), x, &p.c.Ecoute); err != nil {
			return nil, err
		}
		id, err := s.identite(ctx, s.repertoire(x.Cle), "cles", x)
		if err != nil {
			return nil, err
		}
		identites[p] = id
	}
	grilles, err := s.tablesDuLabo(filepath.Join(s.repertoire(cleTarif), "tables"))
	if err != nil {
		return nil, err
	}
	pp.c.Tarif = &config.Tarif{ID: prix.Identifiant, Libelle: prix.Nom, Identite: identites[pp], Tables: "tables", Seuil: seuilLabo}
	pt.c.Tiers = &config.Tiers{ID: numeroTiers, Libelle: tiers.Nom, Identite: identites[pt], Seuil: seuilLabo, Leurre: grilles[0].String(),
		Tarification: config.TarifAcces{Adresse: s.adresses[cleTarif], Structure: prix.IDNat, ID: prix.Identifiant, Empreintes: []string{s.empreinte[cleTarif]}}}
	if pt.c.Tiers.Listes, err = s.Ports("listes-" + cleTiers); err != nil {
		return nil, err
	}
	s.adresses["listes-"+cleTiers] = "https://" + pt.c.Tiers.Listes
	s.faireConnaitreLeTiers(plans, pt.c.Tiers)
	r := &relais.c.Relais[0]
	r.Routes = append(r.Routes, config.Route{Destinataire: numeroTiers, Adresse: s.adresses[cleTiers], Empreintes: []string{s.empreinte[cleTiers]}, Structures: []string{tiers.IDNat}})
	r.Sources = append(r.Sources, config.Source{Emetteur: numeroTiers, Adresse: s.adresses["listes-"+cleTiers]})
	for _, o := range pharmaciesLabo() {
		if err := s.carte(ctx, o); err != nil {
			return nil, err
		}
	}
	return append(plans, pt, pp), nil
}

// faireConnaitreLeTiers tells the third party to the insurers of which prestations are
// priced on line, where its lists are read, and whose seal they bear; and tells it who signs
// their tokens.
func (s *Scene) faireConnaitreLeTiers(plans []*plan, t *config.Tiers) {
	tiers, _ := s.structuresFines()
	for _, p := range plans {
		for i := range p.c.AMC {
			if c := &p.c.AMC[i]; c.Droits.Ouvert() && !c.Droits.Depannage {
				c.Droits.Tiers = config.TiersAcces{Adresse: s.adresses[cleTiers], Structure: tiers.IDNat, ID: numeroTiers, Empreintes: []string{s.empreinte[cleTiers]},
					Listes: []string{"https://" + t.Listes}}
				c.Droits.Specifiques = config.Specifiques{Prestations: specifiquesLabo, Seuil: seuilLabo}
				signePour(t, c, s.adresses["ouverte-"+p.cle])
			}
		}
	}
}

// signePour tells a third party who signs the tokens of an insurer.
func signePour(t *config.Tiers, c *config.AMC, listes string) {
	numero := cmp.Or(c.Droits.Emetteur, c.Numero)
	i := slices.IndexFunc(t.Emetteurs, func(e config.EmetteurJetons) bool { return e.Numero == numero })
	if i < 0 {
		i = len(t.Emetteurs)
		t.Emetteurs = append(t.Emetteurs, config.EmetteurJetons{Numero: numero, Structure: c.Identite.Structure})
	}
	e := &t.Emetteurs[i]
	if !slices.Contains(e.Listes, listes) {
		e.Listes = append(e.Listes, listes)
	}
	if !slices.Contains(e.AMC, c.Numero) {
		e.AMC = append(e.AMC, c.Numero)
	}
}

// carte issues the card of a pharmacist, signature and authentication, and the certificates
// of the pharmacy, with which it bills and receives.
func (l *Laboratoire) carte(ctx context.Context, o pharmacieLabo) error {
	dir := filepath.Join(l.dir, o.cle, "cles")
	qui := igc.Sujet{Titre: "Pharmacien", Nom: o.nom, Prenom: "Fictive", IdNatPS: "8" + o.rpps}
	maison := igc.Sujet{Organisation: "PHARMACIE " + o.nom + " (fictive)", Structure: o.structure, CN: "LABO " + o.numero}
	for nom, d := range map[string]igc.Demande{
		"cachet": {Profil: igc.ProfilOrgSign, Sujet: maison}, "authentification-officine": {Profil: igc.ProfilOrgAuth, Sujet: maison},
		"signature": {Profil: igc.ProfilPSSign, Sujet: qui}, "authentification": {Profil: igc.ProfilPSAuth, Sujet: qui},
		"confidentialite": {Profil: igc.ProfilOrgConf, Sujet: maison},
	} {
		if _, err := l.emettre(ctx, d, o.cle+"/"+nom, filepath.Join(dir, nom)); err != nil {
			return err
		}
	}
	return nil
}

// professionnels are the dated links of the pharmacies: the structure that bills and receives
// what is encrypted, and the card where it is shown.
func (l *Laboratoire) professionnels(tenant string) (liens []cercle.Lien) {
	for _, o := range pharmaciesLabo() {
		lien := cercle.Lien{Tenant: tenant, Structure: o.structure, Role: cercle.RoleProfessionnel, Identifiant: o.numero}
		liens = append(liens, lien)
		if tenant == serveur.TenantTiers || tenant == serveur.TenantRelais(l.Monde.Relais.Identifiant) { // who prices, and who carries to it
			lien.Structure = "8" + o.rpps
			liens = append(liens, lien)
		}
	}
	return liens
}

// liensFins are the circle of a party of the fine side, and whether a relay carries to it.
func (l *Laboratoire) liensFins(tenant string) (liens []cercle.Lien, relais bool) {
	tiers, _ := l.structuresFines()
	if tenant == serveur.TenantTarif {
		return []cercle.Lien{{Tenant: tenant, Structure: tiers.IDNat, Role: cercle.RoleTiers, Identifiant: numeroTiers}}, false
	}
	liens = l.professionnels(tenant)
	o := &l.Monde.Operateur
	liens = append(liens, cercle.Lien{Tenant: tenant, Structure: o.IDNat, Role: cercle.RoleOperateur, Identifiant: o.Identifiant})
	for i := range l.Monde.AMC {
		if a := &l.Monde.AMC[i]; a.Operateur == "" {
			liens = append(liens, cercle.Lien{Tenant: tenant, Structure: a.IDNat, Role: cercle.RoleAMC, Identifiant: a.Numero.String()})
		}
	}
	return liens, true
}

// tablesDuLabo writes the tables of the pricing service: the illustrative ones, and a grid
// for each set of guarantees of the insurers of the world, with how many share it.
func (l *Laboratoire) tablesDuLabo(dir string) ([]tarif.IDGrille, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	grilles, effectifs := l.grilles()
	noms, err := fs.ReadDir(tariflocal.Exemple(), ".")
	if err != nil {
		return nil, err
	}
	for _, nom := range noms {
		b, err := fs.ReadFile(tariflocal.Exemple(), nom.Name())
		if err != nil {
			return nil, err
		}
		var ajout strings.Builder
		w := csv.NewWriter(&ajout)
		w.Comma = ';'
		for _, g := range grilles {
			switch nom.Name() {
			case "grilles.csv":
				err = w.Write([]string{g.String(), "Grille du laboratoire (fictive)", fmt.Sprint(effectifs[g])})
			case "garanties.csv":
				err = copierGarantie(w, string(b), g)
			}
			if err != nil {
				return nil, err
			}
		}
		w.Flush()
		if err := os.WriteFile(filepath.Join(dir, nom.Name()), append(b, ajout.String()...), 0o600); err != nil {
			return nil, err
		}
	}
	return grilles, nil
}

// copierGarantie gives a grid the guarantees of the illustrative one.
func copierGarantie(w *csv.Writer, table string, g tarif.IDGrille) error {
	for ligne := range strings.Lines(table) {
		if reste, ok := strings.CutPrefix(strings.TrimSpace(ligne), "CONFORT;"); ok {
			if err := w.Write(append([]string{g.String()}, strings.Split(reste, ";")...)); err != nil {
				return err
			}
		}
	}
	return nil
}

// grilles are those of the insurers of the world, sorted, and how many persons of the world
// share each today.
func (l *Laboratoire) grilles() ([]tarif.IDGrille, map[tarif.IDGrille]int) {
	effectifs := map[tarif.IDGrille]int{}
	jour := sante.JourA(l.horloge(), sante.Paris())
	for i := range l.Monde.Patients {
		p := &l.Monde.Patients[i]
		for j := range p.Couvertures {
			k := l.Monde.Contrat(&p.Couvertures[j], jour)
			if k == nil || p.Couvertures[j].AMC == monde.ClePhare {
				continue
			}
			var vues []tarif.IDGrille
			for _, c := range droits.Categorie("").Codes() {
				g, ok := serveur.GrilleDe(specifiquesLabo, serveur.GarantiesVille(droits.Categorie(c), k.Garanties))
				if ok && !slices.Contains(vues, g) {
					vues = append(vues, g)
					effectifs[g]++
				}
			}
		}
	}
	var grilles []tarif.IDGrille
	for g := range effectifs {
		grilles = append(grilles, g)
	}
	slices.SortFunc(grilles, func(a, b tarif.IDGrille) int { return strings.Compare(a.String(), b.String()) })
	return grilles, effectifs
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/amc"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

func commandeDroits() *cli.Command {
	commun := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "amc", Usage: "numéro de l'AMC, si la configuration en a plusieurs"},
		&cli.StringFlag{Name: "numero", Usage: "numéro d'une accréditation"}}
	return &cli.Command{
		Name: "droits", Usage: "tient les accréditations données aux professionnels de ville, sans redémarrage",
		Commands: []*cli.Command{
			{Name: "voir", Usage: "montre une accréditation : de quand à quand elle garantit, et si elle est révoquée", Flags: commun, Action: voirAccreditation},
			{Name: "revoquer", Usage: "révoque une accréditation, ou toutes celles d'un bénéficiaire ; la prochaine liste le dit", Flags: append(commun[:3:3],
				&cli.BoolFlag{Name: "jamais-donnee", Usage: "avec --numero : le met à la liste bien qu'il ne soit pas au registre, parce qu'il circule et fut forgé ; dire aussi la clé compromise"},
				&cli.StringFlag{Name: "adherent", Usage: "numéro d'adhérent du bénéficiaire, à la place de --numero"},
				&cli.StringFlag{Name: "naissance", Usage: "sa date de naissance, AAAAMMJJ"},
				&cli.IntFlag{Name: "rang", Value: 1, Usage: "son rang de naissance"},
				&cli.StringFlag{Name: "motif", Required: true, Usage: "RADIATION, CHANGEMENT_CONTRAT, FRAUDE, ERREUR ou DECES"},
				&cli.StringFlag{Name: "effet", Usage: "premier jour sans garantie, AAAA-MM-JJ ; aujourd'hui si rien n'est dit, et jamais avant d'être publié"}),
				Action: revoquerAccreditation},
			{Name: "retablir", Usage: "retire une révocation faite par erreur, tant qu'aucune liste ne l'a dite", Flags: commun, Action: retablirAccreditation},
			{Name: "cles", Usage: "montre les clés qui signent les accréditations et les listes de révocation, et jusqu'à quand", Flags: commun[:2:2], Action: voirCles},
			{Name: "prolonger", Usage: "annonce une fin plus tardive d'une clé ; la prochaine liste le dit, et le serveur signe de nouveau dans la minute", Flags: append(commun[:2:2],
				&cli.StringFlag{Name: "cle", Required: true, Usage: "nom de la clé, ou son début s'il suffit"},
				&cli.StringFlag{Name: "jusqu-au", Required: true, Usage: "dernier jour où elle signe, AAAA-MM-JJ"}), Action: prolongerCle},
			{Name: "compromettre", Usage: "dit une clé en d'autres mains, sans retour : la prochaine liste le dit, plus rien de ce qu'elle a signé n'est cru, et le serveur ne signe plus par elle", Flags: append(commun[:2:2],
				&cli.StringFlag{Name: "cle", Required: true, Usage: "nom de la clé, ou son début s'il suffit"},
				&cli.StringFlag{Name: "depuis", Usage: "jour depuis lequel elle l'est, AAAA-MM-JJ ; maintenant si rien n'est dit"}), Action: compromettreCle},
			{Name: "indicateurs", Usage: "calcule les indicateurs d'après ce que les postes scellent et renvoient ; montre à part ce que rien ne prouve", Flags: append(commun[:2:2],
				&cli.StringFlag{Name: "du", Usage: "premier jour, AAAA-MM-JJ ; il y a trente jours si rien n'est dit"},
				&cli.StringFlag{Name: "au", Usage: "dernier jour ; aujourd'hui si rien n'est dit"}), Action: direIndicateurs},
		},
	}
}

// surRegistre runs f on the accreditations of an insurer.
func surRegistre(ctx context.Context, c *cli.Command, f func(p *serveur.Processus, tenant string, r *accrstore.Registre) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		a, err := uneAMC(p.Fichier, c.String("amc"))
		if err != nil {
			return err
		}
		return f(p, serveur.TenantAMC(a.Numero), accrstore.New(p.Base, serveur.TenantAMC(a.Numero)))
	})
}

// surEmetteurs is surRegistre for who signs for the insurer, itself or its operator: the
// present number first, then those under which it gave before, whose keys are still published.
func surEmetteurs(ctx context.Context, c *cli.Command, f func(p *serveur.Processus, a *config.AMC, l []*serveur.EmetteurDroits) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		a, err := uneAMC(p.Fichier, c.String("amc"))
		if err != nil {
			return err
		}
		numero, err := sante.ParseNumeroAMC(cmp.Or(a.Droits.Emetteur, a.Numero))
		if err != nil {
			return err
		}
		anciens, err := accrstore.New(p.Base, serveur.TenantAMC(a.Numero)).Emetteurs(ctx)
		if err != nil {
			return err
		}
		l := []*serveur.EmetteurDroits{p.Emetteur(numero)}
		for _, n := range anciens {
			if e := p.Emetteur(n); !slices.Contains(l, e) {
				l = append(l, e)
			}
		}
		return f(p, a, l)
	})
}

func voirAccreditation(ctx context.Context, c *cli.Command) error {
	n, err := droits.ParseNumeroAccreditation(c.String("numero"))
	if err != nil {
		return fmt.Errorf("--numero : %w", err)
	}
	return surRegistre(ctx, c, func(_ *serveur.Processus, _ string, r *accrstore.Registre) error {
		e, err := r.Emise(ctx, n)
		if errors.Is(err, accreditation.ErrInconnue) {
			return fmt.Errorf("%s : jamais donnée par cette AMC", n)
		}
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "Accréditation\t%s (%s)\n", e.Numero, n.Type())
		fmt.Fprintf(w, "Donnée le\t%s\n", e.Emission.In(sante.Paris()).Format("02/01/2006 15:04:05"))
		fmt.Fprintf(w, "Au professionnel\t%s (%s)\n", e.PS, e.Categorie.Libelle())
		fmt.Fprintf(w, "Garantit les soins\tdu %s au %s\n", e.Debut.Francais(), e.Fin.Francais())
		switch x := e.Revocation; {
		case x == nil:
			fmt.Fprintln(w, "Révoquée\tnon")
		case x.Publiee.IsZero():
			fmt.Fprintf(w, "Révoquée\t%s, à effet du %s ; la prochaine liste le dira\n", x.Motif, x.Effet.Francais())
		default:
			fmt.Fprintf(w, "Révoquée\t%s, publiée le %s ; les soins sont garantis jusqu'au %s\n", x.Motif, x.Publiee.Francais(), (max(x.Effet, x.Publiee) + 1).Francais())
		}
		return w.Flush()
	})
}

func revoquerAccreditation(ctx context.Context, c *cli.Command) error {
	switch parNumero, parAdherent := c.String("numero") != "", c.String("adherent") != ""; {
	case parNumero == parAdherent:
		return errors.New("dire quelle accréditation (--numero), ou de quel bénéficiaire (--adherent et --naissance)")
	case parAdherent && c.Bool("jamais-donnee"):
		return errors.New("--jamais-donnee va avec --numero")
	case parNumero && (c.IsSet("naissance") || c.IsSet("rang")):
		return errors.New("--naissance et --rang disent un bénéficiaire (--adherent), pas une accréditation (--numero)")
	}
	return surRegistre(ctx, c, func(p *serveur.Processus, tenant string, r *accrstore.Registre) error {
		x := accreditation.Revocation{Effet: sante.JourA(p.Horloge(), sante.Paris()), Motif: droits.MotifRevocation(c.String("motif"))}
		if s := c.String("effet"); s != "" {
			var err error
			if x.Effet, err = sante.ParseJour(s); err != nil {
				return fmt.Errorf("--effet : %w", err)
			}
		}
		n, err := revoquerPour(ctx, c, p, tenant, r, x)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Root().Writer, "%s ; la prochaine liste le dira.\n", francais.Accorder(n, "accréditation révoquée", "accréditations révoquées"))
		return err
	})
}

// revoquerPour revokes what the options say, and tells how many: never none without an error.
func revoquerPour(ctx context.Context, c *cli.Command, p *serveur.Processus, tenant string, r *accrstore.Registre, x accreditation.Revocation) (int, error) {
	if s := c.String("numero"); s != "" {
		return revoquerUne(ctx, s, r, x, c.Bool("jamais-donnee"), p.Horloge())
	}
	a, err := sante.ParseNumeroAdherent(c.String("adherent"))
	if err != nil {
		return 0, fmt.Errorf("--adherent : %w", err)
	}
	naissance, err := sante.ParseDateNaissance(c.String("naissance"))
	if err != nil {
		return 0, fmt.Errorf("--naissance : %w", err)
	}
	l, err := amcstore.New(p.Base, tenant).Portefeuille.Chercher(ctx, &amc.Critere{NumeroAdherent: a}, x.Effet)
	if err != nil {
		return 0, err
	}
	total := 0
	for i := range l {
		if l[i].NumeroAdherent != a || l[i].DateNaissance != naissance || l[i].RangGemellaire != c.Int("rang") {
			continue
		}
		n, err := accreditation.RevoquerBeneficiaire(ctx, r, l[i].Reference, x)
		if total += n; err != nil {
			return total, err
		}
	}
	// What names this person, though the portfolio is elsewhere or knows him no more.
	n, err := accreditation.RevoquerPersonne(ctx, r, droits.Personne{NumeroAdherent: a, DateNaissance: naissance, RangGemellaire: c.Int("rang")}, x)
	if total += n; err == nil && total == 0 {
		err = fmt.Errorf("rien à révoquer : aucune accréditation de ce bénéficiaire ne garantit le %s ou après, sans être déjà révoquée", x.Effet.Francais())
	}
	return total, err
}

func revoquerUne(ctx context.Context, s string, r *accrstore.Registre, x accreditation.Revocation, jamaisDonnee bool, a time.Time) (int, error) {
	numero, err := droits.ParseNumeroAccreditation(s)
	if err != nil {
		return 0, fmt.Errorf("--numero : %w", err)
	}
	fait, err := accreditation.Revoquer(ctx, r, numero, x)
	switch inconnue := errors.Is(err, accreditation.ErrInconnue); {
	case inconnue && jamaisDonnee:
		fait, err = accreditation.RevoquerInconnue(ctx, r, numero, x, a)
	case inconnue:
		err = errors.New("jamais donnée par cette AMC ; si ce numéro circule, il fut forgé : --jamais-donnee le met à la liste")
	}
	switch {
	case err != nil && !errors.Is(err, accreditation.ErrMotif):
		return 0, fmt.Errorf("%s : %w", numero, err)
	case err != nil:
		return 0, err
	case !fait:
		return 0, fmt.Errorf("%s : déjà révoquée, rien n'a changé ; « ecluse droits voir » montre comment, et « ecluse droits retablir » retire ce qu'aucune liste n'a dit", numero)
	}
	return 1, nil
}

func retablirAccreditation(ctx context.Context, c *cli.Command) error {
	n, err := droits.ParseNumeroAccreditation(c.String("numero"))
	if err != nil {
		return fmt.Errorf("--numero : %w", err)
	}
	return surRegistre(ctx, c, func(_ *serveur.Processus, _ string, r *accrstore.Registre) error {
		switch err := accreditation.Retablir(ctx, r, n); {
		case errors.Is(err, accreditation.ErrInconnue):
			return fmt.Errorf("%s : jamais donnée par cette AMC", n)
		case errors.Is(err, accreditation.ErrPasRetablie):
			return fmt.Errorf("%s : pas révoquée, ou une liste l'a déjà dit et des postes le savent ; l'officine redemande les droits, et en reçoit une autre", n)
		case err != nil:
			return err
		}
		_, err := fmt.Fprintln(c.Root().Writer, "Révocation retirée ; aucune liste ne la dira.")
		return err
	})
}

// etatCle tells in French what a key does at an instant.
func etatCle(c *accreditation.ClePublique, l []accreditation.ClePublique, a time.Time) string {
	remplacee := slices.ContainsFunc(l, func(x accreditation.ClePublique) bool { return x.Usage == c.Usage && x.Debut.After(c.Debut) })
	switch {
	case !c.Compromise.IsZero():
		return "compromise depuis le " + sante.JourA(c.Compromise, sante.Paris()).Francais() + " : ne prouve plus rien"
	case !a.Before(c.Fin):
		return "finie : ne signe plus"
	case remplacee:
		return "remplacée ; vaut encore"
	}
	return "en vigueur, encore " + francais.Accorder(int(c.Fin.Sub(a).Hours()/24), "jour", "jours")
}

func voirCles(ctx context.Context, c *cli.Command) error {
	return surEmetteurs(ctx, c, func(p *serveur.Processus, _ *config.AMC, emetteurs []*serveur.EmetteurDroits) error {
		vues := 0
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ÉMETTEUR\tUSAGE\tCLÉ\tDÉBUT\tFIN\tÉTAT")
		for _, e := range emetteurs {
			l, err := e.Parutions.Cles(ctx, time.Time{})
			if err != nil {
				return err
			}
			vues += len(l)
			for i := range l {
				k := &l[i]
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.Numero, k.Usage, k.Kid, sante.JourA(k.Debut, sante.Paris()).Francais(), sante.JourA(k.Fin.Add(-time.Millisecond), sante.Paris()).Francais(), etatCle(k, l, p.Horloge()))
			}
		}
		if vues == 0 {
			return errors.New("aucune clé : le serveur fait les siennes à son premier démarrage, si le service est ouvert")
		}
		return w.Flush()
	})
}

func prolongerCle(ctx context.Context, c *cli.Command) error {
	j, err := sante.ParseJour(c.String("jusqu-au"))
	if err != nil {
		return fmt.Errorf("--jusqu-au : %w", err)
	}
	return surEmetteurs(ctx, c, func(p *serveur.Processus, _ *config.AMC, l []*serveur.EmetteurDroits) error {
		e, k, err := cleNommee(ctx, c, l)
		if err != nil {
			return err
		}
		if err := accreditation.Prolonger(ctx, e.Parutions, k.Kid, (j + 1).Debut(sante.Paris()), p.Horloge()); err != nil {
			return fmt.Errorf("--jusqu-au : %w", err)
		}
		_, err = fmt.Fprintf(c.Root().Writer, "La clé %s (%s) signe jusqu'au %s ; la prochaine liste le dira.\n", k.Kid, k.Usage, j.Francais())
		return err
	})
}

// cleNommee is the key that --cle names, and whose it is.
func cleNommee(ctx context.Context, c *cli.Command, l []*serveur.EmetteurDroits) (e *serveur.EmetteurDroits, k accreditation.ClePublique, err error) {
	n := 0
	for _, x := range l {
		cles, err := x.Parutions.Cles(ctx, time.Time{})
		if err != nil {
			return nil, k, err
		}
		for i := range cles {
			if strings.HasPrefix(cles[i].Kid, c.String("cle")) {
				e, k, n = x, cles[i], n+1
			}
		}
	}
	if n != 1 {
		return nil, k, fmt.Errorf("--cle : %s de ce nom, une attendue ; ecluse droits cles les montre", francais.Accorder(n, "clé", "clés"))
	}
	return e, k, nil
}

func compromettreCle(ctx context.Context, c *cli.Command) error {
	return surEmetteurs(ctx, c, func(p *serveur.Processus, a *config.AMC, l []*serveur.EmetteurDroits) error {
		e, k, err := cleNommee(ctx, c, l)
		if err != nil {
			return err
		}
		depuis := p.Horloge()
		if s := c.String("depuis"); s != "" {
			j, err := sante.ParseJour(s)
			if err != nil {
				return fmt.Errorf("--depuis : %w", err)
			}
			depuis = j.Debut(sante.Paris())
		}
		if err := accreditation.Compromettre(ctx, e.Parutions, k.Kid, depuis, p.Horloge()); err != nil {
			return fmt.Errorf("--depuis : %w", err)
		}
		fmt.Fprintf(c.Root().Writer, "La clé %s (%s) est dite compromise ; la liste le dit dans la minute, et le serveur ne signe plus par elle.\n", k.Kid, k.Usage)
		if e != l[0] && k.Usage == droits.PourAccreditation {
			_, err = fmt.Fprintf(c.Root().Writer, "Elle était du numéro %s, sous lequel rien n'est plus donné : il n'y a pas à en mettre une autre.\n", e.Numero)
			return err
		}
		adresse := a.Droits.Cle
		if k.Usage == droits.PourLAR {
			adresse = a.Droits.CleLAR
		}
		_, err = fmt.Fprintf(c.Root().Writer, "Si elle signait encore, en mettre une autre à sa place (%s) et redémarrer ; un fichier qui n'est plus là est refait par le serveur, et se copie sur les autres nœuds.\n",
			p.LieuCle(e.Numero, k.Usage, adresse))
		return err
	})
}

// direIndicateurs writes the indicators of an insurer. ref: VISIO §15
func direIndicateurs(ctx context.Context, c *cli.Command) error {
	return surRegistre(ctx, c, func(p *serveur.Processus, _ string, r *accrstore.Registre) error {
		aujourdhui := sante.JourA(p.Horloge(), sante.Paris())
		au, err1 := jourDit(c, "au", aujourdhui)
		du, err2 := jourDit(c, "du", aujourdhui-30)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		somme, err := r.Sommer(ctx, du, au)
		if err != nil {
			return err
		}
		cibles, err := visiodroits.CiblesPubliees()
		if err != nil {
			return err
		}
		fmt.Fprintf(c.Root().Writer, "Du %s au %s : %s par leur professionnel, dont viennent les indicateurs ; à part, %s, que rien ne prouve.\n", du.Francais(), au.Francais(),
			francais.Accorder(somme.JourneesScellees, "journée de poste scellée", "journées de postes scellées"), francais.Accorder(somme.JourneesSans, "journée sans sceau", "journées sans sceau"))
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "INDICATEUR\tVALEUR\tSUR\tCIBLE\tSANS PREUVE\tSUR")
		sans := visiodroits.Calculer(&somme.Sans, cibles)
		for k, i := range visiodroits.Calculer(&somme.Scellees, cibles) {
			if i.Sur+sans[k].Sur > 0 {
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%d\n", i.Libelle, valeurIndicateur(&i), i.Sur, i.Verdict, valeurIndicateur(&sans[k]), sans[k].Sur)
			}
		}
		return w.Flush()
	})
}

// valeurIndicateur is "-" when nothing was counted.
func valeurIndicateur(i *visiodroits.Indicateur) string {
	if i.Sur == 0 {
		return "-"
	}
	if i.Unite == visiodroits.EnTaux {
		return i.Taux().String() + " %"
	}
	if i.Unite == visiodroits.EnNombre {
		return fmt.Sprint(i.Valeur)
	}
	if i.AuDela {
		return fmt.Sprint("> ", i.Valeur, " ", i.Unite)
	}
	return fmt.Sprint(i.Valeur, " ", i.Unite)
}

package charger

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
	"github.com/ecluse-sante/ecluse/sante"
)

// export writes one file of what stands. The lines come in the order of the image: a
// file that was read comes back the same once both are sorted. ref: RASS §14
type export struct {
	v *image.Vue
	e *rass.Ecrivain
	l [][]byte
	p annuaire.Praticien
	s annuaire.Situation
	t annuaire.Structure
	n int64
}

// Exporter writes a file of the records in force, in this form, and tells how many lines
// it has beside the header. It holds what the whole directory holds: who gives it away
// answers for who may read it.
func Exporter(ctx context.Context, v *image.Vue, f rass.Fichier, forme rass.Forme, w io.Writer) (int64, error) {
	x := &export{v: v, e: rass.NewEcrivain(w, f, forme), l: make([][]byte, f.Entete().Len())}
	ecrire, ok := map[rass.Fichier]func(context.Context) error{
		rass.PersonneActivite: x.activites, rass.SavoirFaire: x.savoirs, rass.Diplomes: x.diplomes, rass.MSSante: x.boites,
		rass.Structures: x.structures, rass.Reseaux: x.reseaux, rass.Membres: x.membres, rass.Activites: x.soins,
		rass.Equipements: x.equipements, rass.Porteurs: x.cartes, rass.Certificats: x.certificats,
	}[f]
	if !ok {
		return 0, fmt.Errorf("exporter %v: ce fichier n'est pas de ceux qui s'exportent", f)
	}
	if err := ecrire(ctx); err != nil {
		return x.n, fmt.Errorf("exporter %v: %w", f, err)
	}
	if err := x.e.Close(); err != nil {
		return x.n, fmt.Errorf("exporter %v: %w", f, err)
	}
	return x.n, nil
}

// mettre sets a column; a value that a file cannot carry loses what it cannot.
func (x *export) mettre(c rass.Colonne, s string) {
	if s == "" {
		x.l[c] = x.l[c][:0]
		return
	}
	b := append(x.l[c][:0], s...)
	for i, o := range b {
		if o == '|' || o == '\n' || o == '\r' {
			b[i] = ' '
		}
	}
	x.l[c] = b
}

func (x *export) code(c rass.Colonne, k annuaire.Code) {
	x.mettre(c, k.Code)
	x.mettre(c+1, k.Libelle)
}

// jour writes a day as the files of the national directory write days.
func (x *export) jour(c rass.Colonne, j sante.Jour) { x.mettre(c, j.Francais()) }

func (x *export) poser() error {
	x.n++
	err := x.e.Ecrire(x.l)
	for i := range x.l {
		x.l[i] = x.l[i][:0]
	}
	return err
}

// adresse sets the columns that all files write in one order.
func (x *export) adresse(c rass.Colonne, a *annuaire.Coordonnees) {
	for i, s := range [...]string{a.Destinataire, a.PointGeographique, a.NumeroVoie, a.Indice, a.TypeVoie.Code, a.TypeVoie.Libelle,
		a.LibelleVoie, a.Mention, a.BureauCedex, a.CodePostal, a.Commune.Code, a.Commune.Libelle, a.Pays.Code, a.Pays.Libelle,
		a.Telephone, a.Telephone2, a.Telecopie, a.Courriel, a.Departement.Code, a.Departement.Libelle} {
		x.mettre(c+rass.Colonne(i), s)
	}
}

// parcourir reads the records of a nature that are in force.
func parcourir(ctx context.Context, v *image.Vue, n annuaire.Nature, f func(image.Ref) error) error {
	for r := range v.Parcourir(n) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) praticiens(ctx context.Context, f func(image.Ref) error) error {
	return parcourir(ctx, x.v, annuaire.Praticiens, func(r image.Ref) error {
		x.v.Praticien(r, &x.p)
		if !x.p.Actif {
			return nil
		}
		return f(r)
	})
}

// dite tells whether a file of structures, or of what they have, says a record: those
// that are closed are said with the day.
func dite(e *annuaire.Entete) bool { return e.Actif || e.Au != 0 }

func (x *export) chaqueStructure(ctx context.Context, f func() error) error {
	return parcourir(ctx, x.v, annuaire.Structures, func(r image.Ref) error {
		x.v.Structure(r, &x.t)
		if !dite(&x.t.Entete) {
			return nil
		}
		return f()
	})
}

// structure reads a structure into x.t, empty when there is none.
func (x *export) structure(id string) {
	if r, ok := x.v.ParID(annuaire.Structures, id); ok && id != "" {
		x.v.Structure(r, &x.t)
		return
	}
	x.t = annuaire.Structure{}
}

// activites writes a line per situation, and one for each professional who has none.
func (x *export) activites(ctx context.Context) error {
	occupes := nouveauxVus(x.v, annuaire.Praticiens)
	err := parcourir(ctx, x.v, annuaire.Situations, func(r image.Ref) error {
		x.v.Situation(r, &x.s)
		p, ok := x.v.ParID(annuaire.Praticiens, x.s.Praticien)
		if !ok || !x.s.Actif {
			return nil
		}
		if x.v.Praticien(p, &x.p); !x.p.Actif {
			return nil
		}
		occupes.marquer(p)
		x.personne(entiere(x.s.Trace.Autorite))
		x.code(rass.PACodeTypeSavoirFaire, x.s.SavoirFaire.Type)
		x.code(rass.PACodeSavoirFaire, x.s.SavoirFaire.Savoir)
		x.code(rass.PACodeMode, x.s.Mode)
		x.code(rass.PACodeSection, x.s.SectionPharmacien)
		x.code(rass.PACodeRole, x.s.Fonction)
		x.code(rass.PACodeGenre, x.s.Genre)
		x.lieu(x.s.Structure)
		return x.poser()
	})
	if err != nil {
		return err
	}
	return x.praticiens(ctx, func(r image.Ref) error {
		if occupes.est(r) {
			return nil
		}
		x.personne(entiere(x.p.Trace.Autorite))
		return x.poser()
	})
}

// entiere is the authority as the file wrote it.
func entiere(k annuaire.Code) string {
	if k.Libelle != "" {
		return k.Libelle
	}
	return k.Code
}

func (x *export) personne(autorite string) {
	p := &x.p
	x.mettre(rass.PATypeIdentifiant, p.TypeID)
	x.mettre(rass.PAIdentifiant, p.Numero)
	x.mettre(rass.PAIDNat, p.IDNat)
	x.code(rass.PACodeCiviliteExercice, p.CiviliteExercice)
	x.code(rass.PACodeCivilite, p.Civilite)
	x.mettre(rass.PANom, p.Nom)
	x.mettre(rass.PAPrenom, p.Prenom)
	x.code(rass.PACodeProfession, p.Profession)
	x.code(rass.PACodeCategorie, p.Categorie)
	x.mettre(rass.PAAutorite, autorite)
}

func (x *export) lieu(id string) {
	x.structure(id)
	t := &x.t
	x.mettre(rass.PASIRET, t.SIRET)
	x.mettre(rass.PASIREN, t.SIREN)
	x.mettre(rass.PAFINESS, t.FINESS)
	x.mettre(rass.PAFINESSJuridique, t.FINESSJuridique)
	x.mettre(rass.PAIDTechnique, t.IDTechnique)
	x.mettre(rass.PARaisonSociale, t.RaisonSociale)
	x.mettre(rass.PAEnseigne, t.Enseigne)
	x.adresse(rass.PADestinataire, &t.Adresse)
	x.mettre(rass.PAAncienID, t.AncienID)
	x.code(rass.PACodeSecteur, t.Secteur)
}

func (x *export) savoirs(ctx context.Context) error {
	return x.praticiens(ctx, func(image.Ref) error {
		for _, q := range x.p.SavoirFaire {
			p := &x.p
			x.mettre(rass.SFTypeIdentifiant, p.TypeID)
			x.mettre(rass.SFIdentifiant, p.Numero)
			x.mettre(rass.SFIDNat, p.IDNat)
			x.mettre(rass.SFNom, p.Nom)
			x.mettre(rass.SFPrenom, p.Prenom)
			x.code(rass.SFCodeProfession, p.Profession)
			x.code(rass.SFCodeCategorie, p.Categorie)
			x.code(rass.SFCodeTypeSavoirFaire, q.Type)
			x.code(rass.SFCodeSavoirFaire, q.Savoir)
			if err := x.poser(); err != nil {
				return err
			}
		}
		return nil
	})
}

// diplomes writes the diplomas of a person once, whatever his professions: with the
// first of them.
func (x *export) diplomes(ctx context.Context) error {
	a := &atelier{vue: x.v}
	return x.praticiens(ctx, func(r image.Ref) error {
		if len(x.p.Diplomes) == 0 {
			return nil
		}
		var autre annuaire.Praticien
		for o := range a.parIdentifiant(x.p.IDNat) {
			if o == r {
				continue
			}
			if x.v.Praticien(o, &autre); autre.Actif && autre.IDNat == x.p.IDNat && autre.ID < x.p.ID {
				return nil
			}
		}
		for _, d := range x.p.Diplomes {
			p := &x.p
			x.mettre(rass.DATypeIdentifiant, p.TypeID)
			x.mettre(rass.DAIdentifiant, p.Numero)
			x.mettre(rass.DAIDNat, p.IDNat)
			x.mettre(rass.DANom, p.Nom)
			x.mettre(rass.DAPrenom, p.Prenom)
			x.code(rass.DACodeTypeDiplome, d.Type)
			x.code(rass.DACodeDiplome, d.Diplome)
			x.code(rass.DACodeTypeAutorisation, d.TypeAutorisation)
			x.code(rass.DACodeDiscipline, d.Discipline)
			if err := x.poser(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *export) structures(ctx context.Context) error {
	return x.chaqueStructure(ctx, func() error {
		t := &x.t
		if t.Trace.Systeme != systemeFINESS {
			return nil
		}
		nature := "EG"
		if t.Sorte == annuaire.EntiteJuridique {
			nature = "EJ"
		}
		for c, s := range map[rass.Colonne]string{rass.STNature: nature, rass.STIDTechnique: t.IDTechnique, rass.STIDNat: t.IDNat, rass.STFINESS: t.FINESS,
			rass.STFINESSJuridique: t.FINESSJuridique, rass.STSIRET: t.SIRET, rass.STSIREN: t.SIREN, rass.STRaisonSociale: t.RaisonSociale,
			rass.STEnseigne: t.Enseigne, rass.STLicence: t.Licence, rass.STAncienID: t.AncienID, rass.STAutorite: entiere(t.Trace.Autorite)} {
			x.mettre(c, s)
		}
		x.code(rass.STCodeCategorie, t.Categorie)
		x.code(rass.STCodeStatut, t.StatutJuridique)
		x.code(rass.STCodeSecteur, t.Secteur)
		x.code(rass.STCodeSPH, t.SPH)
		x.code(rass.STCodeFermeture, t.TypeFermeture)
		x.adresse(rass.STDestinataire, &t.Adresse)
		x.situee(rass.STLatitude)
		x.jour(rass.STMaj, t.Trace.MajLe)
		return x.poser()
	})
}

// situee sets the latitude, the longitude, the opening and the closing.
func (x *export) situee(c rass.Colonne) {
	if x.t.Situee {
		x.mettre(c, degres(x.t.Latitude))
		x.mettre(c+1, degres(x.t.Longitude))
	}
	x.jour(c+2, x.t.Du)
	x.jour(c+3, x.t.Au)
}

// degres writes millionths of a degree with six decimals. hyp: CHARGER-NATURE
func degres(n int32) string {
	signe := ""
	if n < 0 {
		signe, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%06d", signe, n/1_000_000, n%1_000_000)
}

func (x *export) reseaux(ctx context.Context) error {
	return x.chaqueStructure(ctx, func() error {
		t := &x.t
		if t.Sorte != annuaire.ReseauDeSante {
			return nil
		}
		x.mettre(rass.REIdentifiant, t.IDNat)
		x.mettre(rass.RENom, t.RaisonSociale)
		x.code(rass.RECodeType, t.Categorie)
		x.mettre(rass.REFINESSJuridique, t.FINESSJuridique)
		x.mettre(rass.RESIREN, t.SIREN)
		x.adresse(rass.REDestinataire, &t.Adresse)
		x.situee(rass.RELatitude)
		x.jour(rass.REMaj, t.Trace.MajLe)
		x.mettre(rass.REAutorite, entiere(t.Trace.Autorite))
		return x.poser()
	})
}

func (x *export) membres(ctx context.Context) error {
	return x.chaqueStructure(ctx, func() error {
		reseau, l := x.t.IDNat, x.t.Membres
		for _, m := range l {
			x.mettre(rass.MEIdentifiant, reseau)
			if m.Nature == annuaire.Praticiens {
				r, ok := x.v.ParID(annuaire.Praticiens, m.ID)
				if !ok {
					continue
				}
				x.v.Praticien(r, &x.p)
				x.mettre(rass.METypeMembre, "PP")
				x.mettre(rass.MEIDNat, x.p.IDNat)
			} else {
				var s annuaire.Structure
				r, ok := x.v.ParID(annuaire.Structures, m.ID)
				if !ok {
					continue
				}
				x.v.Structure(r, &s)
				x.mettre(rass.METypeMembre, "STRUCTURE")
				x.mettre(rass.MEIDNat, idNatStructure(&s))
			}
			x.code(rass.MECodeRole, m.Role)
			x.jour(rass.MEEntree, m.Du)
			x.jour(rass.MESortie, m.Au)
			if err := x.poser(); err != nil {
				return err
			}
		}
		return nil
	})
}

// idNatStructure is the national identifier of a structure: as it came, else a digit and
// its number. ref: RASS §3.2
func idNatStructure(s *annuaire.Structure) string {
	if s.IDNat != "" {
		return s.IDNat
	}
	sorte, numero := numeroStructure(s)
	return sorte + numero
}

// numeroStructure is the number by which a structure is named to others, with the digit
// of its kind; that of its national identifier when it has one.
func numeroStructure(s *annuaire.Structure) (sorte, numero string) {
	switch {
	case len(s.IDNat) > 1 && s.Sorte != annuaire.ReseauDeSante:
		return s.IDNat[:1], s.IDNat[1:]
	case s.Sorte == annuaire.EntiteJuridique && s.FINESSJuridique != "":
		return "1", s.FINESSJuridique
	case s.FINESS != "":
		return "1", s.FINESS
	case s.SIRET != "":
		return "3", s.SIRET
	case s.SIREN != "":
		return "2", s.SIREN
	}
	return "", s.IDTechnique
}

func (x *export) soins(ctx context.Context) error {
	var a annuaire.Activite
	return parcourir(ctx, x.v, annuaire.Activites, func(r image.Ref) error {
		if x.v.Activite(r, &a); !dite(&a.Entete) {
			return nil
		}
		x.structure(a.Structure)
		nature := "soins"
		if a.Sociale {
			nature = "social"
		}
		_, numero := numeroStructure(&x.t)
		x.mettre(rass.ACNumero, a.Numero)
		x.mettre(rass.ACFINESS, numero)
		x.mettre(rass.ACNature, nature)
		x.code(rass.ACCodeActivite, a.Type)
		x.code(rass.ACCodeModalite, a.Modalite)
		x.code(rass.ACCodeForme, a.Forme)
		x.code(rass.ACCodePublic, a.Public)
		x.mettre(rass.ACAutorisees, nombre(a.Autorisees))
		x.mettre(rass.ACInstallees, nombre(a.Installees))
		x.dates(rass.ACOuverture, &a.Entete)
		return x.poser()
	})
}

func nombre(n int32) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(int(n))
}

// dates sets the opening, the closing, the last update and the authority.
func (x *export) dates(c rass.Colonne, e *annuaire.Entete) {
	x.jour(c, e.Du)
	x.jour(c+1, e.Au)
	x.jour(c+2, e.Trace.MajLe)
	x.mettre(c+3, entiere(e.Trace.Autorite))
}

func (x *export) equipements(ctx context.Context) error {
	var e annuaire.Equipement
	return parcourir(ctx, x.v, annuaire.Equipements, func(r image.Ref) error {
		if x.v.Equipement(r, &e); !dite(&e.Entete) {
			return nil
		}
		x.structure(e.Structure)
		c := rass.EQFINESS
		if x.t.Sorte == annuaire.EntiteJuridique {
			c = rass.EQFINESSJuridique
		}
		_, numero := numeroStructure(&x.t)
		x.mettre(rass.EQNumero, e.Numero)
		x.mettre(c, numero)
		if c == rass.EQFINESS {
			x.mettre(rass.EQFINESSJuridique, x.t.FINESSJuridique)
		}
		x.code(rass.EQCodeEquipement, e.Type)
		x.mettre(rass.EQFabricant, e.Fabricant)
		x.mettre(rass.EQModele, e.Modele)
		x.mettre(rass.EQSerie, e.Serie)
		x.mettre(rass.EQStatut, e.Statut)
		x.dates(rass.EQOuverture, &e.Entete)
		return x.poser()
	})
}

func (x *export) cartes(ctx context.Context) error {
	return x.praticiens(ctx, func(image.Ref) error {
		for _, c := range x.p.Cartes {
			p := &x.p
			x.mettre(rass.POTypeIdentifiant, p.TypeID)
			x.mettre(rass.POIdentifiant, p.Numero)
			x.mettre(rass.POIDNat, p.IDNat)
			x.mettre(rass.PONom, p.Nom)
			x.mettre(rass.POPrenom, p.Prenom)
			x.mettre(rass.POCodeProfession, p.Profession.Code)
			x.code(rass.POCodeTypeCarte, c.Type)
			x.mettre(rass.PONumero, c.Numero)
			x.jour(rass.PODebut, c.Du)
			x.jour(rass.POFin, c.Au)
			x.jour(rass.POOpposition, c.OpposeeLe)
			if err := x.poser(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *export) certificats(ctx context.Context) error {
	err := x.praticiens(ctx, func(image.Ref) error { return x.ecrireCertificats("PP", x.p.IDNat, x.p.Certificats) })
	if err != nil {
		return err
	}
	return x.chaqueStructure(ctx, func() error { return x.ecrireCertificats("STRUCTURE", idNatStructure(&x.t), x.t.Certificats) })
}

func (x *export) ecrireCertificats(sorte, idNat string, l []annuaire.Certificat) error {
	for _, c := range l {
		x.mettre(rass.CETypePorteur, sorte)
		x.mettre(rass.CEIDNat, idNat)
		x.mettre(rass.CESerie, c.Serie)
		x.mettre(rass.CEEmetteur, c.Emetteur)
		x.mettre(rass.CESujet, c.Sujet)
		x.mettre(rass.CEDomaine, c.Domaine)
		x.mettre(rass.CEUsage, c.Usage)
		x.jour(rass.CEDebut, c.Du)
		x.jour(rass.CEFin, c.Au)
		x.mettre(rass.CEDER, base64.StdEncoding.EncodeToString(c.DER))
		if err := x.poser(); err != nil {
			return err
		}
	}
	return nil
}

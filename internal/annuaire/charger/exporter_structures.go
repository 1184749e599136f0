package charger

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

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

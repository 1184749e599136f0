package config

import (
	"fmt"
	"net/url"
	"time"
)

// AnnuaireSante is the national directory of health, served here. ref: RASS §1
type AnnuaireSante struct {
	Repertoire     string   `toml:"repertoire" defaut:"annuaire" doc:"Répertoire des images de l'annuaire, sous celui des données"`
	Source         string   `toml:"source" defaut:"local" doc:"D'où il vient : local (annuaire fictif, fait ici), extractions (les fichiers publiés), fhir (l'interface nationale), export (son export de masse) ou aucune (chargé par commande)"`
	Professionnels int      `toml:"professionnels" defaut:"2000" doc:"Source local : combien de professionnels fictifs"`
	Graine         int      `toml:"graine" defaut:"1" doc:"Source local : la même graine fait le même annuaire"`
	Adresses       []string `toml:"source-adresses" defaut:"[]" doc:"Source extractions : adresses https des fichiers ou de leurs archives ; fhir ou export : celle de la racine de l'interface"`
	Cle            string   `toml:"source-cle" defaut:"" doc:"Source fhir ou export : fichier de la clé d'accès (ESANTE-API-KEY)"`
	Periode        Duree    `toml:"periode" defaut:"24h" doc:"Sources réelles : période à laquelle les différences sont prises"`
	Tables         string   `toml:"tables" defaut:"" doc:"Répertoire de tables (CSV) qui remplacent celles du programme : regards, nomenclatures, contrôles, seuils"`

	Ecoute     string `toml:"adresse" defaut:"" doc:"Adresse et port de FHIR et des mises à jour, en TLS ; rien si vide"`
	Publique   string `toml:"publique" defaut:"" doc:"Adresse https de base telle que les lecteurs la voient ; déduite de l'adresse si vide"`
	LDAPS      string `toml:"ldaps" defaut:"" doc:"Adresse et port de LDAP sur TLS ; rien si vide"`
	LDAP       string `toml:"ldap" defaut:"" doc:"Adresse et port de LDAP avec StartTLS ; rien si vide"`
	Certificat string `toml:"certificat" defaut:"" doc:"Certificat de serveur (PEM) ; celui de l'écoute si vide"`
	CleServeur string `toml:"cle" defaut:"" doc:"Clé du serveur : chemin PEM, ou pkcs11:… ; celle de l'écoute si vide"`

	Lecteurs []Lecteur `toml:"lecteur" doc:"Qui lit plus que la vue publique, ou tient une part de l'annuaire"`
}

// Lecteur is a reader of the directory, and what is his.
type Lecteur struct {
	Nom        string   `toml:"nom" defaut:"" doc:"Nom du lecteur : celui des traces, et de LDAP (cn=NOM,ou=lecteurs,o=annuaire,c=fr)"`
	Famille    string   `toml:"famille" defaut:"" doc:"Famille d'acteurs (familles.csv) : elle donne le regard"`
	Cle        string   `toml:"cle" defaut:"" doc:"Fichier du SHA-256 (hexadécimal) de sa clé d'accès, aussi mot de passe de LDAP"`
	Certificat string   `toml:"certificat" defaut:"" doc:"SHA-256 (hexadécimal) de son certificat d'authentification"`
	Motif      string   `toml:"motif" defaut:"" doc:"Motif de ses lectures, quand il ne le dit pas lui-même (regards restreints)"`
	Praticiens []string `toml:"praticiens" defaut:"[]" doc:"Identifiants nationaux (IDNat_PS) qui sont les siens"`
	Structures []string `toml:"structures" defaut:"[]" doc:"Identifiants de structures (Struct_IdNat) qu'il dirige"`
	Domaines   []string `toml:"domaines" defaut:"[]" doc:"Domaines de messagerie qu'il opère"`
	Autorites  []string `toml:"autorites" defaut:"[]" doc:"Codes de l'autorité d'enregistrement (J83) qu'il est"`
}

// sourcesAnnuaire are the ways to fill the directory.
var sourcesAnnuaire = []string{"local", "extractions", "fhir", "export", "aucune"}

// annuaireSante checks the national directory.
func (f *Fichier) annuaireSante(e *[]error) {
	a := f.AnnuaireSante
	if a == nil {
		return
	}
	refuser := func(cle, dit string) { *e = append(*e, f.Erreur("annuaire-sante."+cle, dit)) }
	if !parmi(a.Source, sourcesAnnuaire...) {
		refuser("source", "local, extractions, fhir, export ou aucune attendu")
	}
	if a.Source == "local" && !f.Laboratoire {
		refuser("source", "l'annuaire fictif n'est admis qu'en laboratoire")
	}
	if a.Source == "extractions" || a.Source == "fhir" || a.Source == "export" {
		if n := len(a.Adresses); n == 0 || n > 1 && a.Source != "extractions" {
			refuser("source-adresses", "une adresse attendue ; plusieurs pour des extractions")
		}
		for _, x := range a.Adresses {
			u, err := url.Parse(x)
			if err != nil || u.Host == "" || u.Scheme != "https" && !(f.Laboratoire && u.Scheme == "http") {
				refuser("source-adresses", "adresses https attendues")
			}
		}
		if time.Duration(a.Periode) < time.Minute {
			refuser("periode", "au moins une minute attendue")
		}
	}
	if (a.Source == "fhir" || a.Source == "export") && a.Cle == "" {
		refuser("source-cle", "fichier de la clé d'accès attendu")
	}
	if a.Professionnels < 1 || a.Professionnels > 5_000_000 {
		refuser("professionnels", "de 1 à 5 000 000 attendu")
	}
	f.adresse(e, "annuaire-sante.adresse", a.Ecoute, false)
	f.adresseDite(e, "annuaire-sante.publique", a.Publique)
	f.adresse(e, "annuaire-sante.ldaps", a.LDAPS, false)
	f.adresse(e, "annuaire-sante.ldap", a.LDAP, false)
	f.cle(e, "annuaire-sante", Cle{a.Certificat, a.CleServeur}, false)
	if ouvert := a.Ecoute != "" || a.LDAPS != "" || a.LDAP != ""; ouvert && a.Certificat == "" && f.Ecoute.Certificat == "" {
		refuser("certificat", "certificat de serveur attendu, ici ou sous ecoute.certificat")
	}
	vus := map[string]bool{}
	for i := range a.Lecteurs {
		f.lecteur(e, fmt.Sprintf("annuaire-sante.lecteur[%d]", i+1), &a.Lecteurs[i], vus)
	}
}

func (f *Fichier) lecteur(e *[]error, cle string, l *Lecteur, vus map[string]bool) {
	refuser := func(champ, dit string) { *e = append(*e, f.Erreur(cle+"."+champ, dit)) }
	if l.Nom == "" || len(l.Nom) > 60 || vus[l.Nom] {
		refuser("nom", "nom de 1 à 60 caractères, donné une fois, attendu")
	}
	vus[l.Nom] = true
	if l.Famille == "" {
		refuser("famille", "famille d'acteurs attendue")
	}
	if l.Cle == "" && l.Certificat == "" {
		refuser("cle", "clé d'accès ou certificat attendu : sans l'un ou l'autre, personne ne serait ce lecteur")
	}
	if l.Certificat != "" {
		f.empreintes(e, cle+".certificat", []string{l.Certificat})
	}
}

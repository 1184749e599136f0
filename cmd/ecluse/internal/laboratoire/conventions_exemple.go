package laboratoire

// ExempleConventions is a table to start from; a test reads it.
const ExempleConventions = `# Table des conventions : les AMC qui ne sont pas encore en ligne.
# Leur part est calculée ici, SANS GARANTIE : l'AMC n'est engagée à rien.
# « ecluse conventions verifier FICHIER » dit ce qui ne va pas ; le serveur relit
# la table quand elle change, et garde l'ancienne si la nouvelle est fautive.

# Par où part la facture électronique.
[[voie]]
nom = "mutuelle-du-gue"
transport = "depot"       # depot (dossier), https, ou roc (l'échange lui-même)
forme = "B2"              # B2 ou DRE
adresse = "99000909"      # depot : dossier sous envois/, au numéro de l'AMC pour qu'elle le retire par HTTPS

[[convention]]
id = "GUE-2026"
numero-amc = "99000909"
type-convention = "CM"    # de la carte ; vide pour toutes
csr = "66?"               # de la carte, ? pour un caractère ; vide pour tous
debut = "2026-01-01"      # les jours s'écrivent entre guillemets
fin = "2026-12-31"
libelle = "MUTUELLE DU GUÉ (fictive)"
voie = "mutuelle-du-gue"
type-contrat = "INDIV"
responsable = true

# Une formule par famille de prestations, F00 à F12 comme dans un contrat.
[[convention.garantie]]
code = "TM-ACTES"
famille = "ACTE"
formule = { numero = "F01" }

[[convention.garantie]]
code = "TM-CONSULTATIONS"
famille = "CONS"
formule = { numero = "F01" }

[[convention.garantie]]
code = "CHAMBRE"
famille = "CP"
formule = { numero = "F08", m = "45.00", n = 30, fenetre = "SEJOUR" }
`

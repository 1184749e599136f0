// Package noemie reads and writes NOEMIE-style return files: what an insurer
// paid on the invoices of a hospital, and what it rejected.
//
// A file is a chain of entities ended by "@". An entity begins with its number
// on three digits and its level on two: 000 header, 040 payee, 070 accounting
// day, 080 batch, 100 invoice, 210 act, 220 hospital charges, 290 rejection, 990
// control with the total of the level it closes, 999 end.
//
// From the nearest to the file to the nearest to the books:
//
//   - [Lecteur] gives entities, without allocating;
//   - [Lire] gives a [Retour], which gives whole invoices ([Facture]) and checks
//     every total. An invoice that cannot be read whole is refused, never given
//     in part, and the reading goes on with the next one;
//   - [Ecrire] gives an [Ecrivain], which computes the totals itself.
//
// A file in one line, with line ends between the entities, or in blocks of 128
// bytes is read the same.
//
// All three work in constant memory whatever the size of the file, and give up
// at once on what is no such file: compressed, in UTF-16, without separators.
// Every error is an [*Erreur]: a reason with a code, the line, the entity and
// the field, and nothing of what the file says.
//
// The specification is not public. The positions come from two public programs
// that read such files; what none of them says is our own profile, marked "hyp"
// in the table of the fields ([Champs]) and listed in docs/ecarts.md. This
// package claims conformity to nothing. ref: ROC §17.4
//
// Texts are those of the file: ASCII capitals without accents. Some begin as a
// formula of a spreadsheet does: [Facture.Formules] names them for exports.
package noemie

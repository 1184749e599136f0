// Package epreuves holds no code, only trials: its tests run the built binary,
// one process a party, and do to it what a bad day does. Processes are killed,
// nodes lost, disks filled, clocks moved, partners hostile; then the books of
// both parties are compared, engagement by engagement and leaf by leaf.
//
// go test plays a short and seeded version. ECLUSE_ENDURANCE=1 plays the long
// one (make endurance); ECLUSE_PG adds PostgreSQL (see .ci/postgres.sh);
// ECLUSE_RACE=1 builds the binary with the race detector; ECLUSE_GRAINE changes
// the seed, which every failure prints. Linux only: processes are watched in /proc
// and small disks are mounted. ref: DEC 3, 7
package epreuves

//go:build !race

package cueplan

// slowdown stretches the limits on time where the program itself is slower.
const slowdown = 1

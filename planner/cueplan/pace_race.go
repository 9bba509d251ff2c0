//go:build race

package cueplan

// slowdown: the race detector multiplies time by five to ten.
const slowdown = 10

//go:build !unix

package cueplan

// limitProcess has nothing to set here: the parent's clock and watchMemory are
// the limits.
func limitProcess() {}

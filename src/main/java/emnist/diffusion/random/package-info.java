/** Random numbers that depend on a seed and counters only, never on earlier draws. */
package emnist.diffusion.random;

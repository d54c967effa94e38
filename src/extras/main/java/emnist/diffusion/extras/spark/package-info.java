/** Sample sets on Apache Spark; compiled with the Maven profile {@code extras} only. */
package emnist.diffusion.extras.spark;

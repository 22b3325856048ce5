throw new Error("this file <b>cannot</b> be loaded");

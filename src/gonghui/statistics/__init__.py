"""Monthly figures of the union tree. A job counts them, so that no page counts ten million members."""
